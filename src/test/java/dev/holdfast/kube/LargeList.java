package dev.holdfast.kube;

import com.sun.net.httpserver.HttpExchange;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A list of many objects of some size, in pages as large as they are asked for; none of them is held. */
record LargeList(String path, int count, int bytes) implements StubApiServer.Script {
    private static final Pattern LIMIT = Pattern.compile("(?:^|&)limit=(\\d+)");
    private static final Pattern CONTINUE = Pattern.compile("(?:^|&)continue=(\\d+)");

    @Override
    public boolean answer(HttpExchange exchange) throws IOException {
        if (!exchange.getRequestURI().getPath().equals(path)) {
            return false;
        }
        String query = String.valueOf(exchange.getRequestURI().getRawQuery());
        int from = number(CONTINUE, query, 0);
        int to = Math.min(count, from + number(LIMIT, query, count));
        byte[] text = new byte[bytes];
        Arrays.fill(text, (byte) 'x');
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(HttpURLConnection.HTTP_OK, 0);
        try (OutputStream out = new BufferedOutputStream(exchange.getResponseBody(), 1 << 16)) {
            String next = to < count ? Integer.toString(to) : "";
            write(
                    out,
                    "{\"kind\":\"List\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"1\",\"continue\":\""
                            + next + "\"},\"items\":[");
            for (int i = from; i < to; i++) {
                write(
                        out,
                        (i == from ? "" : ",") + "{\"metadata\":{\"name\":\"large-" + i + "\"},\"data\":{\"text\":\"");
                out.write(text);
                write(out, "\"}}");
            }
            write(out, "]}");
        }
        return true;
    }

    private static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
    }

    private static int number(Pattern pattern, String query, int otherwise) {
        Matcher found = pattern.matcher(query);
        return found.find() ? Integer.parseInt(found.group(1)) : otherwise;
    }
}
