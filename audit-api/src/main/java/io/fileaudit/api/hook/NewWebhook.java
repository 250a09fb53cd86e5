package io.fileaudit.api.hook;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A webhook that is asked for. It replaces one of the same name; what waits for that one goes to
 * the new address.
 *
 * @param url where it goes: https, or http to what the service's settings allow
 * @param secret what it is signed with: {@code whsec_} and 24 to 64 bytes in Base64; null keeps the
 *     present one, or lets the service make one where there is none
 * @param tables the tables that it is about; null means all, and batches of no table
 * @param events what it tells, as in {@code timed_out}; null means what needs a person
 * @param enabled whether it tells anything; null means that it does
 */
public record NewWebhook(
    @Nullable String url,
    @Nullable String secret,
    @Nullable List<String> tables,
    @Nullable List<String> events,
    @Nullable Boolean enabled) {}
