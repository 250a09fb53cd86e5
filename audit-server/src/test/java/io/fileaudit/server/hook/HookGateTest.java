package io.fileaudit.server.hook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

/** Where webhooks may go: what is checked is what is gone to. */
class HookGateTest {
  private final List<String> asked = new ArrayList<>();
  private String[] found = {};

  private static InetAddress address(String text) {
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  private List<InetAddress> open(String url, String allowed) {
    HostNames names =
        host ->
            Mono.fromSupplier(
                () -> {
                  asked.add(host);
                  return Stream.of(found).map(HookGateTest::address).toList();
                });
    return Objects.requireNonNull(
        new HookGate(names, AllowedPlaces.read(allowed)).open(HookAddress.read(url)).block());
  }

  private Throwable refusal(String url, String allowed) {
    return catchThrowable(() -> open(url, allowed));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://127.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://0.0.0.0:8080/",
        "https://[::1]/",
        "https://[::]/",
        "https://[::ffff:169.254.169.254]/",
        "https://[::ffff:a9fe:a9fe]/",
        "https://[0:0:0:0:0:ffff:7f00:1]/",
        "https://[64:ff9b::a9fe:a9fe]/",
        "https://[2002:a9fe:a9fe::]/",
        "https://[fe80::1]/",
        "https://[fd00:ec2::254]/",
        "https://10.1.2.3/",
        "https://172.20.0.1/",
        "https://192.168.0.1/",
        "https://100.100.100.200/",
        "https://224.0.0.1/",
      })
  void addressesThatAreNotPublicAreClosed(String url) {
    assertThat(refusal(url, ""))
        .isInstanceOf(HookGate.ClosedException.class)
        .hasMessageContaining("AUDIT_WEBHOOKS_ALLOW");
    assertThat(asked).as("nobody is asked about an address").isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://2130706433/",
        "https://0x7f.1/",
        "https://0x7f000001/",
        "https://127.1/",
        "https://0177.0.0.1/",
        "https://127.0.0.01/",
        "https://1.2.3.4.5/",
        "https://[fe80::1%25eth0]/",
        "https://\u2460\u2461\u2466.0.0.1/",
        "https://127\u30020.0.1/",
        "https://user@h.example.org/",
        "https://user:pw@h.example.org/",
        "https://h.example.org@127.0.0.1/",
        "https://h.example.org:0/",
        "https://h.example.org:99999/",
        "https://h.example.org/#part",
        "https:///x",
        "https:h.example.org",
        "ftp://h.example.org/",
        "file:///etc/passwd",
        "gopher://h.example.org/",
        "//h.example.org/",
        "h.example.org",
        "https://h.example.org\\@127.0.0.1/",
        "https://h.example.org/\r\nHost: x",
        "https://h.example.org/\u00e9",
        "https://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.org/",
        "",
      })
  void formsThatSomebodyCouldReadOtherwiseAreNoAddresses(String url) {
    assertThatThrownBy(() -> HookAddress.read(url)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "https://h.example.org, h.example.org, 443, /, h.example.org",
    "HTTPS://H.Example.ORG./a?b=c, h.example.org, 443, /a?b=c, h.example.org",
    "http://h.example.org:8080/a%20b, h.example.org, 8080, /a%20b, h.example.org:8080",
    "https://[2001:4860:4860::8888]:8443/, 2001:4860:4860::8888, 8443, /, [2001:4860:4860::8888]:8443",
    "http://1.1.1.1, 1.1.1.1, 80, /, 1.1.1.1",
    "https://127.0.0.1.nip.io/, 127.0.0.1.nip.io, 443, /, 127.0.0.1.nip.io",
  })
  void addressIsTakenApart(String url, String host, int port, String path, String authority) {
    HookAddress read = HookAddress.read(url);

    assertThat(read.host()).isEqualTo(host);
    assertThat(read.port()).isEqualTo(port);
    assertThat(read.path()).isEqualTo(path);
    assertThat(read.authority()).isEqualTo(authority);
  }

  @Test
  void nameThatLeadsToAPrivateAddressIsClosedAndSaysNotWhere() {
    found = new String[] {"169.254.169.254"};

    assertThat(refusal("https://h.example.org/", ""))
        .isInstanceOf(HookGate.ClosedException.class)
        .hasMessageContaining("h.example.org is not on the public internet")
        .hasMessageNotContaining("169.254");
  }

  @Test
  void oneAddressThatIsPrivateClosesTheName() {
    found = new String[] {"1.1.1.1", "2606:4700:4700::1111", "::ffff:10.0.0.1"};

    assertThat(refusal("https://h.example.org/", "")).isInstanceOf(HookGate.ClosedException.class);
  }

  @Test
  void publicNameIsLookedUpOnceAndItsAddressesCarryTheName() {
    found = new String[] {"2606:4700:4700::1111", "1.1.1.1"};

    List<InetAddress> open = open("https://h.example.org/", "");

    assertThat(asked).containsExactly("h.example.org");
    assertThat(open)
        .extracting(InetAddress::getHostAddress)
        .containsExactly("1.1.1.1", "2606:4700:4700:0:0:0:0:1111");
    assertThat(open).extracting(InetAddress::getHostName).containsOnly("h.example.org");
  }

  @Test
  void whatIsAllowedIsOpenByNameOrByAddressAlsoInClear() {
    found = new String[] {"10.0.0.1"};
    assertThat(open("http://pager.lan/", "pager.lan")).hasSize(1);
    assertThat(open("https://pager.lan/", "10.0.0.0/8, fd00::/8")).hasSize(1);
    assertThat(open("http://10.0.0.1/", "10.0.0.1")).hasSize(1);
    assertThat(open("http://[fd00::1]/", "fd00::/8")).hasSize(1);
    assertThat(open("http://127.0.0.1:9/", "127.0.0.0/8")).hasSize(1);
    assertThat(open("http://[::ffff:127.0.0.1]:9/", "127.0.0.0/8")).hasSize(1);
    assertThat(refusal("https://pager.lan/", "other.lan,10.0.1.0/24")).isNotNull();
    found = new String[] {"10.0.0.1", "192.168.0.1"};
    assertThat(refusal("https://pager.lan/", "10.0.0.0/8")).isNotNull();
  }

  @Test
  void nothingElseIsGoneToInClear() {
    found = new String[] {"1.1.1.1"};

    assertThat(refusal("http://h.example.org/", "10.0.0.0/8"))
        .isInstanceOf(HookGate.ClosedException.class)
        .hasMessageContaining("https://");
    assertThat(open("http://h.example.org/", "h.example.org")).hasSize(1);
  }

  @Test
  void nameInClearIsRefusedAlsoWhereItIsNotFound() {
    HostNames nobody = host -> Mono.error(new UnknownHostException(host));
    HookGate gate = new HookGate(nobody, AllowedPlaces.read("pager.lan"));

    assertThat(catchThrowable(() -> gate.open(HookAddress.read("http://h.example.org/")).block()))
        .isInstanceOf(HookGate.ClosedException.class)
        .hasMessageContaining("https://");
    assertThat(catchThrowable(() -> gate.open(HookAddress.read("http://pager.lan/")).block()))
        .hasRootCauseInstanceOf(UnknownHostException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"*", "10.0.0.0/99", "a b", "http://h", "h:80", "-x", "2130706433"})
  void settingThatIsNoPlaceIsRefused(String allowed) {
    assertThatThrownBy(() -> AllowedPlaces.read(allowed))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
