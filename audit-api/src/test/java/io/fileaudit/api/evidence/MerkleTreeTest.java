package io.fileaudit.api.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Trees and proofs against the vectors of Certificate Transparency, and against the definition. */
class MerkleTreeTest {
  /** The leaves of the reference vectors of RFC 6962's implementations. */
  private static final List<String> LEAVES =
      List.of(
          "",
          "00",
          "10",
          "2021",
          "3031",
          "40414243",
          "5051525354555657",
          "606162636465666768696a6b6c6d6e6f");

  private static final List<String> ROOTS =
      List.of(
          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
          "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
          "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
          "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
          "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
          "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
          "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
          "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
          "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");

  private static Hash hash(String hex) {
    return Hash.of(HexFormat.of().parseHex(hex));
  }

  private static List<Hash> hashes(String... hex) {
    return List.of(hex).stream().map(MerkleTreeTest::hash).toList();
  }

  private static List<Hash> leaves() {
    return LEAVES.stream().map(leaf -> Hash.leaf(HexFormat.of().parseHex(leaf))).toList();
  }

  /** Leaves of our own, as many as are wanted. */
  private static List<Hash> leaves(int count) {
    List<Hash> leaves = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      leaves.add(Hash.leaf(new byte[] {(byte) i, (byte) (i >> 8)}));
    }
    return leaves;
  }

  /** The definition of RFC 6962, 2.1, word for word. */
  private static Hash root(List<Hash> leaves) {
    if (leaves.isEmpty()) {
      return Hash.EMPTY;
    }
    if (leaves.size() == 1) {
      return leaves.get(0);
    }
    int k = 1;
    while (2 * k < leaves.size()) {
      k *= 2;
    }
    return Hash.node(root(leaves.subList(0, k)), root(leaves.subList(k, leaves.size())));
  }

  private static Proofs.Lookup lookup(List<Hash> leaves) {
    Map<Proofs.Node, Hash> nodes = new HashMap<>();
    CompactRange.Growing tree =
        new CompactRange.Growing(
            CompactRange.EMPTY,
            (level, index, hash) -> nodes.put(new Proofs.Node(level, index), hash));
    leaves.forEach(tree::add);
    return node -> java.util.Objects.requireNonNull(nodes.get(node), node.toString());
  }

  @Test
  void rootsAreThoseOfTheVectors() {
    CompactRange tree = CompactRange.EMPTY;
    assertThat(tree.root()).hasToString(ROOTS.get(0));
    for (int i = 0; i < LEAVES.size(); i++) {
      tree = tree.with(leaves().get(i));
      assertThat(tree.size()).isEqualTo(i + 1);
      assertThat(tree.root()).hasToString(ROOTS.get(i + 1));
    }
  }

  @Test
  void rootsAreThoseOfTheDefinition() {
    List<Hash> leaves = leaves(300);
    CompactRange tree = CompactRange.EMPTY;
    for (int i = 0; i < leaves.size(); i++) {
      assertThat(tree.root()).isEqualTo(root(leaves.subList(0, i)));
      CompactRange kept = CompactRange.of(tree.size(), tree.bytes());
      assertThat(kept).isEqualTo(tree);
      tree = kept.with(leaves.get(i));
    }
  }

  @Test
  void consistencyProofsAreThoseOfTheVectors() {
    Proofs.Lookup lookup = lookup(leaves());

    assertThat(Proofs.hashes(Proofs.consistency(1, 1), lookup)).isEmpty();
    assertThat(Proofs.hashes(Proofs.consistency(1, 8), lookup))
        .isEqualTo(
            hashes(
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"));
    assertThat(Proofs.hashes(Proofs.consistency(6, 8), lookup))
        .isEqualTo(
            hashes(
                "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"));
    assertThat(Proofs.hashes(Proofs.consistency(2, 5), lookup))
        .isEqualTo(
            hashes(
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"));
  }

  @Test
  void inclusionProofsAreThoseOfTheVectors() {
    Proofs.Lookup lookup = lookup(leaves());

    assertThat(Proofs.hashes(Proofs.inclusion(0, 1), lookup)).isEmpty();
    assertThat(Proofs.hashes(Proofs.inclusion(0, 8), lookup))
        .isEqualTo(
            hashes(
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"));
    assertThat(Proofs.hashes(Proofs.inclusion(5, 8), lookup))
        .isEqualTo(
            hashes(
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"));
    assertThat(Proofs.hashes(Proofs.inclusion(2, 3), lookup))
        .isEqualTo(hashes("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"));
  }

  @Test
  void everyLeafIsProvedAndNoOther() {
    List<Hash> leaves = leaves(70);
    Proofs.Lookup lookup = lookup(leaves);
    for (int size = 1; size <= leaves.size(); size++) {
      Hash root = root(leaves.subList(0, size));
      for (int index = 0; index < size; index++) {
        List<Hash> proof = Proofs.hashes(Proofs.inclusion(index, size), lookup);
        Hash leaf = leaves.get(index);

        assertThat(Proofs.isIncluded(leaf, index, size, proof, root)).isTrue();
        assertThat(Proofs.isIncluded(leaf, index + 1, size, proof, root)).isFalse();
        assertThat(Proofs.isIncluded(Hash.leaf(new byte[9]), index, size, proof, root)).isFalse();
        assertThat(Proofs.isIncluded(leaf, index, size, proof, leaf)).isEqualTo(size == 1);
        List<Hash> longer = new ArrayList<>(proof);
        longer.add(root);
        assertThat(Proofs.isIncluded(leaf, index, size, longer, root)).isFalse();
        if (!proof.isEmpty()) {
          List<Hash> shorter = proof.subList(1, proof.size());
          assertThat(Proofs.isIncluded(leaf, index, size, shorter, root)).isFalse();
        }
      }
    }
  }

  @Test
  void everyBeginningIsProvedAndNoOther() {
    List<Hash> leaves = leaves(70);
    Proofs.Lookup lookup = lookup(leaves);
    for (int second = 1; second <= leaves.size(); second++) {
      Hash root = root(leaves.subList(0, second));
      for (int first = 1; first <= second; first++) {
        Hash before = root(leaves.subList(0, first));
        List<Hash> proof = Proofs.hashes(Proofs.consistency(first, second), lookup);

        assertThat(Proofs.isConsistent(first, before, second, root, proof)).isTrue();
        assertThat(Proofs.isConsistent(first, Hash.EMPTY, second, root, proof)).isFalse();
        assertThat(Proofs.isConsistent(first, before, second, Hash.EMPTY, proof)).isFalse();
        assertThat(Proofs.isConsistent(second + 1, before, second, root, proof)).isFalse();
        List<Hash> longer = new ArrayList<>(proof);
        longer.add(root);
        assertThat(Proofs.isConsistent(first, before, second, root, longer)).isFalse();
        if (!proof.isEmpty()) {
          List<Hash> shorter = proof.subList(1, proof.size());
          assertThat(Proofs.isConsistent(first, before, second, root, shorter)).isFalse();
        }
      }
    }
  }

  @Test
  void nothingIsTheBeginningOfAnything() {
    Hash root = root(leaves(3));

    assertThat(Proofs.isConsistent(0, Hash.EMPTY, 3, root, List.of())).isTrue();
    assertThat(Proofs.isConsistent(0, root, 3, root, List.of())).isFalse();
    assertThat(Proofs.isConsistent(3, root, 3, root, List.of())).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"3, 32", "0, 32", "1, 31", "-1, 0"})
  void bytesThatAreNoRangeAreRefused(long size, int bytes) {
    assertThatThrownBy(() -> CompactRange.of(size, new byte[bytes]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "AAAA", "6e340b9c", "bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB1="})
  void textThatIsNoHashIsRefused(String text) {
    assertThatThrownBy(() -> Hash.ofBase64(text)).isInstanceOf(IllegalArgumentException.class);
  }
}
