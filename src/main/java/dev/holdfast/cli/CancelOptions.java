package dev.holdfast.cli;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the ways to give something up have in common. */
final class CancelOptions {
    @Option(names = "--json", description = "print JSON")
    boolean json;

    @Mixin
    AgentOptions agent = new AgentOptions();

    /** Says what became of it. */
    int tell(String what, JsonNode answer) {
        String outcome = Json.text(answer, "outcome");
        String text = outcome == null ? "cancel asked for" : "had ended already, " + outcome;
        System.out.println(json ? Json.line(answer) : what + ": " + text);
        return ExitCode.OK.number();
    }
}
