package dev.holdfast.session;

import java.util.regex.Pattern;

/** Names a session; safe as a file name, a label, a cgroup name and an object name. */
public record SessionId(String value) implements Comparable<SessionId> {
    private static final Pattern SHAPE = Pattern.compile("[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?");

    public SessionId {
        if (!SHAPE.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "session id \"" + value + "\": 1 to 48 lower-case letters, digits and inner hyphens are allowed");
        }
    }

    @Override
    public int compareTo(SessionId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
