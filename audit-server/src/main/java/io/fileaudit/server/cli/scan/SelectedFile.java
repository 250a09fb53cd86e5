package io.fileaudit.server.cli.scan;

import java.nio.file.Path;

/** One thing that the arguments of a scan led to, under the name by which it is reported. */
public sealed interface SelectedFile {

  /**
   * The path as given or walked, with {@code /} between its parts: relative where the argument was
   * relative. Two different paths never share a name. See {@link FileSelection} on bytes that are
   * not UTF-8.
   */
  String name();

  /** A file to be read, or a link to one. */
  record Regular(String name, Path path) implements SelectedFile {}

  /**
   * Something that should have been read and cannot be: to be reported as failed. A directory may
   * be among these.
   */
  record Failed(String name, FileProblem problem) implements SelectedFile {}

  /** Something met in a directory that nobody would load: to be reported as skipped. */
  record Skipped(String name, FileProblem problem) implements SelectedFile {}
}
