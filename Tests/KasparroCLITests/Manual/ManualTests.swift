import Foundation
import Testing

@testable import KasparroCLI

/// `man/kasparro.1` and the program say the same: what one has the other has, too.
@Suite struct ManualTests {
    private let page = ManualPage.kasparro

    @Test func theManualHasExactlyTheCommands() throws {
        let commands = try Set(CommandTree.read().leaves)
        var described: Set<String> = []
        for tag in page.tags["COMMANDS"] ?? [] {
            let words = tag.split(separator: " ").map(String.init)
            let command = (1...max(1, words.count)).reversed().map { words.prefix($0).joined(separator: " ") }.first(where: commands.contains)
            if let command { described.insert(command) } else { Issue.record("the manual has “\(tag)”, which is no command") }
        }
        #expect(commands.subtracting(described) == [], "commands that the manual lacks")
        #expect(commands.count >= 20, "\(commands)")
    }

    @Test func theManualHasExactlyTheOptions() throws {
        let options = try CommandTree.read().options
        let described = page.matches(of: /--[a-z][a-z-]*[a-z]/)
        #expect(options.subtracting(described) == [], "options that the manual lacks")
        #expect(described.subtracting(options.union(["--version", "--help"])) == [], "options that no command has")
        #expect(options.count >= 40, "\(options)")
    }

    @Test func eachSettingStandsBesideItsVariable() {
        let tags = page.tags["OPTIONS"] ?? []
        for setting in Settings.all {
            #expect(tags.contains { $0.contains(setting.option) && $0.contains(setting.variable) }, "\(setting.option) (\(setting.variable))")
        }
        let variables = Set(tags.flatMap { $0.matches(of: /KASPARRO_[A-Z_]+/).map { String($0.output) } })
        #expect(variables.subtracting(Settings.all.map(\.variable)) == [], "variables of options that there are not")
    }

    @Test func theManualHasExactlyTheExitCodes() {
        let codes = (page.tags["EXIT STATUS"] ?? []).compactMap { Int32($0) }
        #expect(codes == [0] + ExitStatus.allCases.map(\.rawValue))
    }

    /// Whatever part of the program reads a variable, somebody who looks for the reason of a start gone wrong must find it.
    @Test func theManualHasExactlyTheVariables() throws {
        var variables = Set(Settings.all.map(\.variable))
        let sources = try #require(FileManager.default.enumerator(atPath: ManualPage.root + "/Sources"))
        for case let path as String in sources where path.hasSuffix(".swift") {
            let text = try String(contentsOfFile: ManualPage.root + "/Sources/" + path, encoding: .utf8)
            let literals = text.matches(of: /"((?:KASPARRO|ALERT)_[A-Z_]*[A-Z]|[A-Z]+_API_URL|PORT|SSL_CERT_FILE)"/).map { String($0.output.1) }
            let reads = text.matches(of: /(?:environment\[|getenv\(|variable\()"([A-Za-z_]+)"/).map { String($0.output.1) }
            variables.formUnion(literals + reads)
        }
        // Those whose names are put together.
        variables.formUnion(["http_proxy", "https_proxy", "all_proxy", "no_proxy"])
        variables.formUnion(["EMAIL_TO", "EMAIL_USER", "EMAIL_PASS", "EMAIL_FROM", "SMTP_URL", "WEBHOOK_URL", "HEARTBEAT_URL"].map { "ALERT_\($0)" })
        let tags = ((page.tags["ENVIRONMENT"] ?? []) + (page.tags["OPTIONS"] ?? [])).joined(separator: " ")
        let described = Set(tags.matches(of: /\b[A-Za-z]+_[A-Za-z_]+\b|\b[A-Z]{4,}\b/).map { String($0.output) })
        #expect(variables.subtracting(described) == [], "variables that the manual lacks")
        #expect(described.subtracting(variables) == [], "variables that nothing reads")
    }

    @Test func theManualNamesTheFilesThatTheProgramCarries() throws {
        let start = try #require(page.text.range(of: "list them with where they go and what they are:"))
        let paragraph = page.text[start.upperBound...].prefix(400)
        let described = Set(paragraph.matches(of: /[a-z]+(-[a-z]+)?(?=[" ,.])/).map { String($0.output.0) })
        for file in BundledFile.all { #expect(described.contains(file.name), "the manual lacks \(file.name)") }
    }

    @Test(arguments: ["man/kasparro.1", "man/kasparro.conf.5"]) func thePagesAreOfThisVersion(path: String) throws {
        #expect(ManualPage(path).text.hasPrefix(".TH KASPARRO"), "\(path)")
        #expect(
            ManualPage(path).text.prefix(200).contains("\"kasparro \(BuildInformation.version)\""),
            "\(path): the first line names another version"
        )
    }
}
