# SPDX-License-Identifier: Apache-2.0
"""The tree against the reference roots of the format page, and proofs against a tree written the slow way."""

from collections.abc import Sequence
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liren.ledger.log import merkle
from liren.ledger.log.merkle import Edge, leaf_hash, node_hash

ENTRIES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
sizes = st.integers(1, 300)


def slow_root(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962 §2.1 as it stands there."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(slow_root(leaves[:split]), slow_root(leaves[split:]))


def leaves_of(size: int) -> list[bytes]:
    return [leaf_hash(b"%d" % n) for n in range(size)]


def nodes_of(leaves: Sequence[bytes]) -> merkle.Nodes:
    return lambda level, index: slow_root(leaves[index << level : index + 1 << level])


def test_roots_of_growing_trees_are_the_reference_roots() -> None:
    edge = Edge()
    assert edge.root().hex() == ROOTS[0]
    for size, entry in enumerate(ENTRIES, 1):
        edge.append(leaf_hash(entry))
        assert (edge.size, edge.root().hex()) == (size, ROOTS[size])
        assert Edge.load(size, edge.dump()).root() == edge.root()


def test_the_path_of_leaf_4_in_the_tree_of_7_is_the_reference_path() -> None:
    leaves = [leaf_hash(entry) for entry in ENTRIES[:7]]
    assert [node.hex() for node in merkle.inclusion_proof(4, 7, nodes_of(leaves))] == [
        "4271a26be0d8a84f0bd54c8c302e7cb3a3b5d1fa6780a40bcce2873477dab658",
        "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


@given(sizes)
def test_an_edge_grows_to_the_root_and_names_every_complete_subtree(size: int) -> None:
    leaves, edge, done = leaves_of(size), Edge(), {}
    for leaf in leaves:
        for level, index, node in edge.append(leaf):
            done[level, index] = node
    assert edge.root() == slow_root(leaves)
    assert len(edge.hashes) == size.bit_count()
    for (level, index), node in done.items():
        assert node == slow_root(leaves[index << level : index + 1 << level])
    assert len(done) == size - size.bit_count()


@given(sizes, st.data())
def test_every_leaf_is_provably_in_the_tree_and_no_other_is(size: int, data: st.DataObject) -> None:
    leaves = leaves_of(size)
    index = data.draw(st.integers(0, size - 1))
    path = merkle.inclusion_proof(index, size, nodes_of(leaves))
    root = slow_root(leaves)
    assert merkle.root_from_inclusion(leaves[index], index, size, path) == root
    assert merkle.root_from_inclusion(leaf_hash(b"another"), index, size, path) != root
    assert merkle.root_from_inclusion(leaves[index], index, size, [*path, root]) is None
    if path:
        broken = [bytes([path[0][0] ^ 1]) + path[0][1:], *path[1:]]
        assert merkle.root_from_inclusion(leaves[index], index, size, broken) != root


@given(sizes, st.data())
def test_an_older_tree_is_provably_a_prefix_and_a_rewritten_one_is_not(size: int, data: st.DataObject) -> None:
    leaves = leaves_of(size)
    old = data.draw(st.integers(1, size))
    proof = merkle.consistency_proof(old, size, nodes_of(leaves))
    old_root, new_root = slow_root(leaves[:old]), slow_root(leaves)
    assert merkle.consistent(old, old_root, size, new_root, proof)
    rewritten = [*leaves]
    rewritten[data.draw(st.integers(0, old - 1))] = leaf_hash(b"another")
    other_root = slow_root(rewritten)
    assert not merkle.consistent(old, slow_root(rewritten[:old]), size, new_root, proof)
    assert not merkle.consistent(old, old_root, size, other_root, proof)
    assert not merkle.consistent(old, old_root, size, new_root, [*proof, new_root])


def test_a_damaged_edge_is_not_loaded() -> None:
    for size, data in ((1, b""), (3, bytes(32)), (1, bytes(31)), (0, bytes(32))):
        with pytest.raises(ValueError, match="edge"):
            Edge.load(size, data)
