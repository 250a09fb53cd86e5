package io.fileaudit.server;

import org.springframework.boot.web.context.reactive.StandardReactiveWebEnvironment;
import org.springframework.core.env.MutablePropertySources;

/** Knows what it is given, and neither variables nor system properties. */
final class OwnEnvironment extends StandardReactiveWebEnvironment {
  @Override
  protected void customizePropertySources(MutablePropertySources sources) {
    // Nothing: they would stand beside what was given.
  }
}
