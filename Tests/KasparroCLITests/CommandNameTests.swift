import Testing

@testable import KasparroCLI

@Suite struct CommandNameTests {
    private static func refusal(_ line: String) -> CommandFailure? {
        do throws(CommandFailure) {
            try CommandName.check(line.split(separator: " ").map(String.init))
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        ("serv", "Did you mean serve?"), ("token rotat", "Did you mean token rotate?"), ("help nope", "no command “nope”"),
        ("help query rows", "no command “query rows”"), ("8080", "There are serve, run"),
    ])
    func aMistypedCommandIsRefused(line: String, text: String) {
        let refusal = Self.refusal(line)
        #expect(refusal?.code == .usage && refusal?.message.contains(text) == true, "\(line): \(refusal?.message ?? "taken")")
    }

    @Test(arguments: [
        "", "--data-dir var", "serve", "help", "help token rotate", "mappings csv", "quarantine show 3f9a", "import a.csv", "restore dir",
    ])
    func whatIsACommandPasses(line: String) {
        #expect(Self.refusal(line) == nil, "\(line): \(Self.refusal(line)?.message ?? "")")
    }
}
