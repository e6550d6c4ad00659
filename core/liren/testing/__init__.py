# SPDX-License-Identifier: Apache-2.0
"""What plugin authors test with: a small real street, people who sign in, pages, points, events, and the contract.

The fixtures come with Liren (listed in :mod:`liren.testing.pytest_plugin`). A plugin's test file that says
``from liren.testing.contract import *`` and names the plugin in a fixture ``plugin`` runs the checks of the contract.
"""
