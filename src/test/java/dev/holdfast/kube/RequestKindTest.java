package dev.holdfast.kube;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestKindTest {
    @ParameterizedTest
    @CsvSource({
        "/api/v1/pods?watch=true,                  watch, true",
        "/api/v1/pods?limit=1&watch=True,          watch, true",
        "/api/v1/pods?watch,                       watch, true",
        "/api/v1/pods?watch=1,                     watch, true",
        "/api/v1/pods?watch=false,                 list,  false",
        "/api/v1/pods?watch=0,                     list,  false",
        "/api/v1/pods?labelSelector=watch%3Dtrue,  list,  false",
        "/api/v1/namespaces/a/pods/b/log?follow=True, get, true",
        "/api/v1/namespaces/a/pods/b,              get,   false",
    })
    void what_has_no_end_is_known_as_the_server_knows_it(String address, String verb, boolean endless) {
        RequestKind kind = RequestKind.of("GET", address);
        assertThat(kind.verb()).isEqualTo(verb);
        assertThat(kind.endless()).isEqualTo(endless);
    }
}
