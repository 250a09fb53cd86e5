package io.fileaudit.r2dbc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.r2dbc.postgresql.client.EncodedParameter;
import io.r2dbc.postgresql.codec.Codec;
import io.r2dbc.postgresql.codec.PostgresqlObjectId;
import io.r2dbc.postgresql.message.Format;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Sends the columns that statements unnest in PostgreSQL's binary form of arrays; the driver writes
 * arrays as text, which escapes every element and is read letter by letter. Encodes only.
 *
 * @see <a
 *     href="https://www.postgresql.org/docs/current/protocol-overview.html#PROTOCOL-FORMAT-CODES">
 *     PostgreSQL, "Formats and Format Codes"</a>
 */
final class ColumnCodec implements Codec<Column> {
  private record Type(PostgresqlObjectId array, PostgresqlObjectId element, Writer writer) {}

  private interface Writer {
    void write(Object value, ByteBuf out);
  }

  private static final Map<Class<?>, Type> TYPES =
      Map.of(
          String.class,
          new Type(
              PostgresqlObjectId.TEXT_ARRAY,
              PostgresqlObjectId.TEXT,
              (value, out) -> ByteBufUtil.writeUtf8(out, (String) value)),
          UUID.class,
          new Type(
              PostgresqlObjectId.UUID_ARRAY,
              PostgresqlObjectId.UUID,
              (value, out) ->
                  out.writeLong(((UUID) value).getMostSignificantBits())
                      .writeLong(((UUID) value).getLeastSignificantBits())),
          Long.class,
          new Type(
              PostgresqlObjectId.INT8_ARRAY,
              PostgresqlObjectId.INT8,
              (value, out) -> out.writeLong((Long) value)),
          Integer.class,
          new Type(
              PostgresqlObjectId.INT4_ARRAY,
              PostgresqlObjectId.INT4,
              (value, out) -> out.writeInt((Integer) value)),
          byte[].class,
          new Type(
              PostgresqlObjectId.BYTEA_ARRAY,
              PostgresqlObjectId.BYTEA,
              (value, out) -> out.writeBytes((byte[]) value)),
          Boolean.class,
          new Type(
              PostgresqlObjectId.BOOL_ARRAY,
              PostgresqlObjectId.BOOL,
              (value, out) -> out.writeBoolean((Boolean) value)),
          Instant.class,
          new Type(
              PostgresqlObjectId.TIMESTAMPTZ_ARRAY,
              PostgresqlObjectId.TIMESTAMPTZ,
              (value, out) -> out.writeLong(microseconds((Instant) value))));

  /** From where PostgreSQL counts. */
  private static final long EPOCH_SECOND = Instant.parse("2000-01-01T00:00:00Z").getEpochSecond();

  private static final int NULL = -1;
  private static final int BYTES_OF_A_VALUE = 32;

  private final ByteBufAllocator allocator;

  ColumnCodec(ByteBufAllocator allocator) {
    this.allocator = allocator;
  }

  private static long microseconds(Instant time) {
    return (time.getEpochSecond() - EPOCH_SECOND) * 1_000_000 + time.getNano() / 1_000;
  }

  @Override
  public boolean canEncode(Object value) {
    return value instanceof Column;
  }

  @Override
  public EncodedParameter encode(Object value) {
    return encode(value, type((Column) value).array().getObjectId());
  }

  @Override
  public EncodedParameter encode(Object value, int dataType) {
    Column column = (Column) value;
    return new EncodedParameter(
        Format.FORMAT_BINARY,
        dataType,
        Mono.fromSupplier(() -> write(column.values(), type(column))));
  }

  private static Type type(Column column) {
    Type type = TYPES.get(column.type());
    if (type == null) {
      throw new IllegalArgumentException("no columns of " + column.type());
    }
    return type;
  }

  private ByteBuf write(@Nullable Object[] column, Type type) {
    ByteBuf out = allocator.buffer(64 + BYTES_OF_A_VALUE * column.length);
    boolean isEmpty = column.length == 0;
    out.writeInt(isEmpty ? 0 : 1).writeInt(1).writeInt(type.element().getObjectId());
    if (!isEmpty) {
      out.writeInt(column.length).writeInt(1);
    }
    for (Object value : column) {
      int at = out.writerIndex();
      out.writeInt(NULL);
      if (value != null) {
        type.writer().write(value, out);
        out.setInt(at, out.writerIndex() - at - Integer.BYTES);
      }
    }
    return out;
  }

  @Override
  public boolean canEncodeNull(Class<?> type) {
    return false;
  }

  @Override
  public EncodedParameter encodeNull() {
    throw new UnsupportedOperationException("encodes columns, which are never null");
  }

  @Override
  public boolean canDecode(int dataType, Format format, Class<?> type) {
    return false;
  }

  @Override
  public @Nullable Column decode(
      @Nullable ByteBuf buffer, int dataType, Format format, Class<? extends Column> type) {
    throw new UnsupportedOperationException("encodes only");
  }
}
