import KasparroCLI

@main
struct Main {
    static func main() {
        Program.main()
    }
}
