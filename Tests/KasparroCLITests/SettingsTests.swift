import ArgumentParser
import TestSupport
import Testing

@testable import KasparroCLI

/// A setting is written down once; what is made of it agrees.
@Suite struct SettingsTests {
    private static let manual = String(
        decoding: Recordings.read(#filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 } + "/man/kasparro.conf.5"),
        as: UTF8.self
    )

    @Test func helpHasEveryOptionWithItsVariableAndDefault() {
        let help = Kasparro.helpMessage(for: Config.self, columns: 2_000).split(separator: "\n  --")
        for setting in Settings.all {
            let line = help.first { $0.hasPrefix(setting.name + " ") }
            #expect(line?.contains("(\(setting.variable); default: ") == true, "\(setting.option): \(line ?? "none")")
            #expect(setting.kind == .flag || line?.contains("<\(setting.valueName)>") == true, "\(setting.option): \(line ?? "none")")
        }
        #expect(Set(Settings.all.map(\.key)).count == Settings.all.count)
    }

    @Test func whatWasTypedIsKnownByItsKey() throws {
        let serve = try #require(try Kasparro.parseAsRoot(["--every", "15m", "--no-schedule", "--data-dir=x"]) as? Serve)
        #expect(serve.serving.given == ["every": "15m", "no_schedule": "true"])
        #expect(serve.common.given == ["data_dir": "x"] && serve.access.given.isEmpty && serve.keeping.given.isEmpty)
    }

    @Test func aDefaultIsAValue() {
        for setting in Settings.inFile where !setting.fallbackText.isEmpty && !["min_free", "token_file"].contains(setting.key) {
            #expect(setting.problem(withText: setting.fallbackText) == nil, "\(setting.key): \(setting.fallbackText)")
        }
    }

    @Test func theManualDescribesExactlyTheKeysOfTheFile() {
        let section = Self.manual.split(separator: ".SH SETTINGS\n").last?.split(separator: "\n.SH ").first ?? ""
        let tags = section.split(separator: "\n.TP\n").dropFirst().compactMap { $0.split(separator: " ").dropFirst().first.map(String.init) }
        #expect(tags.sorted() == Settings.keys.sorted())
    }

    @Test func theManualSaysWhatNeedsARestart() throws {
        let flat = Self.manual.replacing("\n", with: " ")
        let sentence = try #require(flat.firstMatch(of: /need a restart:(.*?)A wrong one/), "no sentence").output.1
        let named = sentence.matches(of: /[a-z]+(_[a-z]+)*/).map { String($0.output.0) }.filter { !["and", "I", "IR", "R"].contains($0) }
        #expect(named.sorted() == Settings.inFile.filter(\.needsRestart).map(\.key).sorted())
    }

    /// Spec section 11.
    @Test func everyCommandCanAnswerInJSON() {
        var leaves: [any ParsableCommand.Type] = []
        func walk(_ command: any ParsableCommand.Type) {
            let children = command.configuration.subcommands
            if children.isEmpty { leaves.append(command) }
            for child in children { walk(child) }
        }
        walk(Kasparro.self)
        #expect(leaves.count > 25, "\(leaves.map { $0._commandName })")
        for command in leaves {
            #expect(command.helpMessage(columns: 200).contains("  --json "), "\(command._commandName) has no --json")
        }
    }
}
