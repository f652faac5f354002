// The program that the precompiled headers are made with.
int main() { return 0; }
