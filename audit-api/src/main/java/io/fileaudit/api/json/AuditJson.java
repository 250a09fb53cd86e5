package io.fileaudit.api.json;

import java.util.UUID;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.cfg.MutableCoercionConfig;
import tools.jackson.databind.deser.jdk.UUIDDeserializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.type.LogicalType;

/**
 * The JSON of the wire: snake_case names, RFC 3339 UTC times, ISO 8601 durations, status words in
 * capitals. What is sent to the service is read by {@link #strict()}, what the service answers by
 * {@link #lenient()}, which accepts new fields.
 */
public final class AuditJson {
  /** The deepest nesting of what is sent. */
  public static final int MAX_DEPTH = 32;

  /** The service's answers have what was sent within something of their own: rows, lists, pages. */
  private static final int ANSWERED_DEPTH = 2 * MAX_DEPTH;

  private static final JsonMapper STRICT =
      builder(MAX_DEPTH).enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();
  private static final JsonMapper LENIENT =
      builder(ANSWERED_DEPTH).disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  private AuditJson() {}

  /** Refuses unknown fields and duplicate keys. */
  public static JsonMapper strict() {
    return STRICT;
  }

  /** Passes over unknown fields. */
  public static JsonMapper lenient() {
    return LENIENT;
  }

  private static JsonMapper.Builder builder(int depth) {
    JsonFactory factory =
        JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(
                StreamReadConstraints.builder().maxNestingDepth(depth).maxNumberLength(400).build())
            .build();
    return JsonMapper.builder(factory)
        .addModule(new SimpleModule().addDeserializer(UUID.class, new PlainUuid()))
        .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
        .disable(DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS)
        .disable(DateTimeFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
        .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
        .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
        .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
        .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
        .enable(EnumFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
        .withCoercionConfigDefaults(AuditJson::refuseEmptyStrings)
        .withCoercionConfig(LogicalType.Textual, AuditJson::refuseScalars)
        .withCoercionConfig(LogicalType.OtherScalar, AuditJson::refuseScalars);
  }

  private static void refuseEmptyStrings(MutableCoercionConfig coercion) {
    coercion.setCoercion(CoercionInputShape.EmptyString, CoercionAction.Fail);
  }

  private static void refuseScalars(MutableCoercionConfig coercion) {
    coercion
        .setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
        .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
        .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail);
  }

  /** Reads the form with hyphens alone; others would take Base64 as well. */
  private static final class PlainUuid extends UUIDDeserializer {
    private static final int CHARACTERS = 36;

    @Override
    protected UUID _deserialize(String id, DeserializationContext context) {
      return id.length() == CHARACTERS
          ? super._deserialize(id, context)
          : (UUID)
              context.handleWeirdStringValue(handledType(), id, "not %d characters", CHARACTERS);
    }
  }
}
