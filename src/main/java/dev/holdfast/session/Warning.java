package dev.holdfast.session;

/** What could not be taken or restored as it is: so many of a kind, the first of them in words. */
public record Warning(String kind, long count, String example) {}
