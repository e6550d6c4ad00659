# SPDX-License-Identifier: Apache-2.0
"""What plugin authors test with: a small real street, people who sign in, and the contract checks.

Fixtures ``street``, ``resident``, ``staff`` and ``client`` come with Liren (see :mod:`liren.testing.pytest_plugin`).
A plugin's test file that says ``from liren.testing.contract import *`` and names the plugin in a fixture
``plugin`` runs the checks of the contract.
"""
