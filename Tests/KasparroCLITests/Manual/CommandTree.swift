import ArgumentParser
import Foundation

@testable import KasparroCLI

/// The commands and options, as the parser itself describes them.
struct CommandTree: Decodable {
    struct Command: Decodable {
        let commandName: String
        let shouldDisplay: Bool?
        let arguments: [Argument]?
        let subcommands: [Command]?
    }

    struct Argument: Decodable {
        struct Name: Decodable {
            let kind: String
            let name: String
        }

        let shouldDisplay: Bool
        let names: [Name]?
    }

    let command: Command

    static func read() throws -> CommandTree {
        do {
            _ = try Kasparro.parseAsRoot(["--experimental-dump-help"])
        } catch {
            return try JSONDecoder().decode(CommandTree.self, from: Data(Kasparro.message(for: error).utf8))
        }
        throw CocoaError(.coderReadCorrupt)
    }

    /// The commands that do something, as they are typed: `status`, `token mint`.
    var leaves: [String] { Self.leaves(of: command, "") }

    /// The long options of all commands, with their dashes.
    var options: Set<String> { Self.options(of: command) }

    private static func leaves(of command: Command, _ path: String) -> [String] {
        let subcommands = (command.subcommands ?? []).filter { $0.commandName != "help" && $0.shouldDisplay ?? true }
        guard !subcommands.isEmpty else { return [path] }
        return subcommands.flatMap { leaves(of: $0, path.isEmpty ? $0.commandName : "\(path) \($0.commandName)") }
    }

    private static func options(of command: Command) -> Set<String> {
        let own = (command.arguments ?? []).filter(\.shouldDisplay).flatMap { $0.names ?? [] }.filter { $0.kind == "long" }.map { "--\($0.name)" }
        return (command.subcommands ?? []).reduce(into: Set(own)) { $0.formUnion(options(of: $1)) }
    }
}
