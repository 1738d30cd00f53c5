import KasparroCLI

@main
struct Main {
    static func main() async {
        await Program.main()
    }
}
