import io.fileaudit.api.client.AuditClient;
import io.fileaudit.api.client.IncompleteException;
import io.fileaudit.api.event.EventType;
import io.fileaudit.api.event.FileEvent;
import java.nio.file.Path;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A Spring WebFlux service that loads the files it is sent the names of, a line each, and streams
 * what happens to each of them into a batch. Its own Flux is the source: the audit service slows it
 * where that takes no more, and cancels it where a verdict ends the batch.
 */
@Configuration(proxyBeanMethods = false)
class LoadingService {
  /** How this service loads a file; gives its number of rows. */
  interface Loading {
    Mono<Long> load(Path file);
  }

  private static final int FILES_AT_ONCE = 4;

  @Bean(destroyMethod = "close")
  AuditClient auditClient() {
    return AuditClient.fromEnvironment().build();
  }

  @Bean
  RouterFunction<ServerResponse> loads(AuditClient audit, Loading loading) {
    return RouterFunctions.route()
        .POST(
            "/loads/{table}",
            request -> {
              String table = request.pathVariable("table");
              Flux<Path> files =
                  request
                      .bodyToMono(String.class)
                      .flatMapIterable(body -> body.lines().map(Path::of).toList());
              return ServerResponse.ok().body(load(audit, loading, table, files), String.class);
            })
        .build();
  }

  /** How the batch ended: COMPLETED, or INCOMPLETE where some file failed. */
  private static Mono<String> load(
      AuditClient audit, Loading loading, String table, Flux<Path> files) {
    return audit
        .run(
            spec -> spec.table(table),
            batch -> batch.send(files.flatMap(file -> events(loading, file), FILES_AT_ONCE)))
        .map(report -> "COMPLETED")
        .onErrorResume(IncompleteException.class, error -> Mono.just(error.getMessage()));
  }

  private static Flux<FileEvent> events(Loading loading, Path file) {
    String name = file.toString();
    return Flux.concat(
        Mono.just(FileEvent.of(EventType.STARTED, name).build()),
        loading
            .load(file)
            .map(rows -> FileEvent.of(EventType.COMPLETED, name).rows(rows).build())
            .onErrorResume(
                error ->
                    Mono.just(
                        FileEvent.of(EventType.FAILED, name)
                            .error(error.getClass().getSimpleName(), error.getMessage())
                            .build())));
  }
}
