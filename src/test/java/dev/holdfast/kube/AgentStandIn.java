package dev.holdfast.kube;

import java.nio.file.Path;

/**
 * The agent's side of the package in a process of its own, to be killed. Arguments: directory, kubeconfig, qps, burst.
 */
final class AgentStandIn {
    private AgentStandIn() {}

    public static void main(String[] args) throws Exception {
        KubeRig rig = new KubeRig(
                Path.of(args[0]),
                KubeRig.Config.of(Double.parseDouble(args[2]), Integer.parseInt(args[3]), Path.of(args[1])),
                KubeObserver.NONE);
        System.out.println("ready");
        Thread.currentThread().join();
        rig.close();
    }
}
