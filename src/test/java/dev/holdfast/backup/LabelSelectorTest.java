package dev.holdfast.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The same answers that Kubernetes gives. */
class LabelSelectorTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ''                              | app=web        | true
            app=web                         | app=web        | true
            app==web                        | app=web        | true
            app = web                       | app=web        | true
            app=web                         | app=db         | false
            app=web                         | x=y            | false
            app=                            | app=           | true
            app!=web                        | app=db         | true
            app!=web                        | x=y            | true
            app!=web                        | app=web        | false
            app in (web, db)                | app=db         | true
            app in (web,db)                 | x=y            | false
            app in (web)                    | app=db         | false
            app notin (web,db)              | x=y            | true
            app notin (web,db)              | app=web        | false
            app                             | app=           | true
            app                             | x=y            | false
            !app                            | x=y            | true
            !app                            | app=web        | false
            app=web,tier in (a,b),!old      | app=web;tier=a | true
            app=web,tier in (a,b),!old      | app=web;old=   | false
            example.com/part-of=shop        | example.com/part-of=shop | true
            size>3                          | size=4         | true
            size>3                          | size=3         | false
            size<3                          | size=x         | false
            size<3                          | x=y            | false
            """)
    void matches_as_kubernetes_does(String selector, String labels, boolean expected) {
        Map<String, String> parsed = new HashMap<>();
        for (String label : labels.split(";")) {
            parsed.put(label.substring(0, label.indexOf('=')), label.substring(label.indexOf('=') + 1));
        }
        assertThat(new LabelSelector(selector).matches(parsed)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"app=web=db", "app in web", "=web", "app web", "app in (a", ",", "app>many", "a/b/c d"})
    void what_is_no_selector_is_refused(String selector) {
        assertThatThrownBy(() -> new LabelSelector(selector))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("write it like");
    }
}
