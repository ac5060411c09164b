package dev.holdfast.plugin.builtin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.kube.Cluster;
import dev.holdfast.kube.KubeErrors;
import dev.holdfast.kube.KubeException;
import dev.holdfast.plugin.PluginException;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who is bound to which role, and what it costs to know. */
class BindingsTest {
    private final List<String> requests = new ArrayList<>();
    private boolean refuses;

    private final Bindings bindings = new Bindings((Cluster) Proxy.newProxyInstance(
            Cluster.class.getClassLoader(), new Class<?>[] {Cluster.class}, (_, method, arguments) -> {
                assertThat(method.getName()).isEqualTo("open");
                return answer((String) arguments[1]);
            }));

    @Test
    void bindings_name_an_account_by_itself_as_a_user_and_with_its_group() throws Exception {
        assertThat(bindings.naming("a", "x").stream().map(Bindings.Binding::name))
                .containsExactly("wide", "own", "user", "group", "other-space");
        assertThat(bindings.naming("a", "y").stream().map(Bindings.Binding::name))
                .containsExactly("group");
        assertThat(requests).hasSize(3);
    }

    @Test
    void what_cannot_be_read_is_told_once_and_asked_for_once() throws Exception {
        refuses = true;
        assertThatThrownBy(() -> bindings.naming("a", "x"))
                .isInstanceOf(PluginException.class)
                .hasMessageContaining("read the clusterrolebindings");
        assertThat(bindings.naming("a", "y")).isEmpty();
        assertThat(requests).hasSize(1);
    }

    private InputStream answer(String path) throws KubeException {
        requests.add(path);
        if (refuses) {
            throw KubeErrors.of(KubeException.Code.FORBIDDEN);
        }
        String list;
        if (path.contains("clusterrolebindings")) {
            list = "{'metadata':{'continue':''},'items':["
                    + item("", "wide", "'kind':'ServiceAccount','name':'x','namespace':'a'") + ","
                    + item("", "nobody", "'kind':'User','name':'jane'") + "]}";
        } else if (!path.contains("continue")) {
            list = "{'metadata':{'continue':'n+1'},'items':[" + item("a", "own", "'kind':'ServiceAccount','name':'x'")
                    + "," + item("b", "foreign", "'kind':'ServiceAccount','name':'x'") + "]}";
        } else {
            assertThat(path).endsWith("&continue=n%2B1");
            list = "{'items':[" + item("b", "user", "'kind':'User','name':'system:serviceaccount:a:x'") + ","
                    + item("b", "group", "'kind':'Group','name':'system:serviceaccounts:a'") + ","
                    + item("b", "other-space", "'kind':'ServiceAccount','name':'x','namespace':'a'")
                    + "],'metadata':{}}";
        }
        return new ByteArrayInputStream(list.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    private static String item(String namespace, String name, String subject) {
        return "{'metadata':{'name':'" + name + "'" + (namespace.isEmpty() ? "" : ",'namespace':'" + namespace + "'")
                + "},'roleRef':{'kind':'ClusterRole','name':'r'},'subjects':[{" + subject + "}]}";
    }
}
