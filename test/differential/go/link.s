// Empty: with it the compiler takes functions without a body, which the linker finds in the kubelet's packages.
