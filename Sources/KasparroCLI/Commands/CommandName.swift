import ArgumentParser
import MarketData

/// Whether what was typed names a command. The parser would take a mistyped one for an argument of the default command, and `help` passes over it.
enum CommandName {
    /// - Parameter arguments: without the program's name.
    /// - Throws: `CommandFailure` that names the nearest command.
    static func check(_ arguments: some Sequence<String>) throws(CommandFailure) {
        var words = Array(arguments.prefix { !$0.hasPrefix("-") })
        let isHelp = words.first == "help"
        if isHelp { words.removeFirst() }
        var command: any ParsableCommand.Type = Kasparro.self
        for (index, word) in words.enumerated() {
            let children = command.configuration.subcommands
            if let child = children.first(where: { $0._commandName == word }) {
                command = child
                continue
            }
            // What follows a command is for itself to judge; without a word of its own, mappings takes the name of a source.
            if !isHelp, children.isEmpty || command == Mappings.self { return }
            let path = words[..<index].map { $0 + " " }.joined()
            let names = children.map { path + $0._commandName }
            let nearest = NearestName.of(word, among: children.map { $0._commandName }).map { "Did you mean \(path)\($0)? " } ?? ""
            let known = names.isEmpty ? "" : "There are \(names.joined(separator: ", ")). "
            throw CommandFailure(.usage, "there is no command “\(path)\(word)”. \(nearest)\(known)kasparro --help says more")
        }
    }
}
