package dev.holdfast.kube;

import java.util.List;
import java.util.Locale;

/**
 * What a request to the API server is about, read from its method and address alone.
 *
 * @param verb as the API server's audit log names it, or the method in lower case for what is no resource
 * @param path without the query
 * @param segments of the path
 */
record RequestKind(String verb, String path, String query, List<String> segments) {
    static RequestKind of(String method, String pathAndQuery) {
        int mark = pathAndQuery.indexOf('?');
        String path = mark < 0 ? pathAndQuery : pathAndQuery.substring(0, mark);
        String query = mark < 0 ? "" : pathAndQuery.substring(mark + 1);
        List<String> segments = List.of(path.split("/", -1)).stream()
                .filter(it -> !it.isEmpty())
                .toList();
        return new RequestKind(verb(method, query, resource(segments)), path, query, segments);
    }

    /** Whether the answer has no end by itself. */
    boolean endless() {
        return verb.equals("watch") || on(query, "follow");
    }

    /** The segments behind the version and the namespace: resource, name, subresource. */
    private static List<String> resource(List<String> segments) {
        int from = segments.isEmpty() ? 0 : segments.getFirst().equals("api") ? 2 : 3;
        if (segments.size() <= from || !List.of("api", "apis").contains(segments.getFirst())) {
            return List.of();
        }
        boolean namespaced = segments.get(from).equals("namespaces") && segments.size() > from + 2;
        return segments.subList(namespaced ? from + 2 : from, segments.size());
    }

    private static String verb(String method, String query, List<String> resource) {
        if (resource.isEmpty()) {
            return method.toLowerCase(Locale.ROOT);
        }
        boolean named = resource.size() > 1;
        return switch (method) {
            case "GET" -> on(query, "watch") ? "watch" : named ? "get" : "list";
            case "HEAD" -> named ? "get" : "list";
            case "POST" -> "create";
            case "PUT" -> "update";
            case "PATCH" -> "patch";
            case "DELETE" -> named ? "delete" : "deletecollection";
            default -> method.toLowerCase(Locale.ROOT);
        };
    }

    /** As the API server reads it: what is there and not false is true. */
    private static boolean on(String query, String parameter) {
        for (String pair : query.split("&", -1)) {
            String value = pair.startsWith(parameter + "=") ? pair.substring(parameter.length() + 1) : "";
            if (pair.equals(parameter) || pair.startsWith(parameter + "=")) {
                return !value.equalsIgnoreCase("false") && !value.equals("0");
            }
        }
        return false;
    }
}
