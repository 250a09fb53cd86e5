package io.fileaudit.server.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** Classes that were compiled from texts of the documentation. */
final class Compiled {
  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(String name, String text) {
      super(URI.create("string:///" + name + ".java"), Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }

  private Compiled() {}

  /**
   * Compiles a class of the default package with the classpath of the tests; fails where it cannot.
   */
  static ClassLoader of(Path target, String name, String text) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> problems = new DiagnosticCollector<>();
    List<String> options =
        List.of(
            "-d", target.toString(), "-proc:none", "-cp", System.getProperty("java.class.path"));
    boolean compiled =
        compiler
            .getTask(
                new StringWriter(), null, problems, options, null, List.of(new Source(name, text)))
            .call();
    assertThat(compiled).as("%s compiles: %s%n%s", name, problems.getDiagnostics(), text).isTrue();
    URL[] urls =
        StreamSupport.stream(List.of(target).spliterator(), false)
            .map(Compiled::url)
            .toArray(URL[]::new);
    return new URLClassLoader(urls, Compiled.class.getClassLoader());
  }

  private static URL url(Path directory) {
    try {
      return directory.toUri().toURL();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
