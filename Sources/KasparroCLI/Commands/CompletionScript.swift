import ArgumentParser

/// What the parser's generator leaves out of a completion script: options and values of the command that is meant without a name, as in
/// `kasparro --data-dir var`, and the names of commands behind `help`.
///
/// Each addition is made at a place that is found by its text; where a newer generator writes another text, its script stays as it is, and the
/// tests say so.
struct CompletionScript {
    private let root: any ParsableCommand.Type
    private let name: String
    /// The command that is meant without a name.
    private let usual: String
    private let usualType: any ParsableCommand.Type

    init(_ root: any ParsableCommand.Type) {
        self.root = root
        name = root._commandName
        usualType = root.configuration.defaultSubcommand ?? root
        usual = usualType._commandName
    }

    func completed(_ script: String, for shell: Completion.Shell) -> String {
        switch shell {
        case .bash: bash(script)
        case .zsh: zsh(script)
        case .fish: fish(script)
        }
    }

    /// The commands below which there are others, the root among them, with these.
    private var families: [(path: [String], children: [String])] {
        func names(_ command: any ParsableCommand.Type) -> [String] { command.configuration.subcommands.map { $0._commandName } }
        return [([], names(root))]
            + root.configuration.subcommands.filter { !$0.configuration.subcommands.isEmpty }.map { ([$0._commandName], names($0)) }
    }

    // MARK: bash

    private func bash(_ script: String) -> String {
        guard let own = Self.function("_\(name)_\(usual)", in: script), let main = Self.function("_\(name)", in: script),
            let help = Self.function("_\(name)_help", in: script),
            let values = own.range(of: "    # Offer option value completions\n").map({ own[$0.upperBound...].dropLast(2) })
        else { return script }
        func line(_ variable: String) -> String {
            own.split(separator: "\n").first { $0.hasPrefix("    \(variable)=") }.map { "    local -a " + $0.drop { $0 == " " } } ?? ""
        }
        var completed = main
        for variable in ["repeating_flags", "non_repeating_flags", "repeating_options", "non_repeating_options"] {
            guard let old = main.split(separator: "\n").first(where: { $0.hasPrefix("    local -a \(variable)=") }) else { return script }
            completed = completed.replacing(String(old), with: line(variable))
        }
        completed = completed.replacing(
            "    # Offer subcommand / subcommand argument completions\n",
            with: """
                    # Without a command, \(usual) is meant: its options have been offered, and here are their values
                    if [[ "${#unparsed_words[@]}" -eq 0 || -z "${unparsed_words[0]}" ]]; then
                        if [[ "${COMP_CWORD}" -gt 1 ]]; then
                            __\(name)_\(usual)_values
                            return
                        fi
                        # Nothing is typed yet: commands are what there is to choose from
                        [[ -z "${cur}" ]] && COMPREPLY=()
                    fi

                    # Offer subcommand / subcommand argument completions

                """
        )
        let words = families.map { family in
            """
                '\(family.path.joined(separator: " "))')
                    COMPREPLY+=($(compgen -W '\(family.children.joined(separator: " "))' -- "${cur}"))
                    ;;
            """
        }
        let helping = """
            _\(name)_help() {
                # The last word is the one that is being typed
                local -r path="${unparsed_words[*]::${#unparsed_words[@]}-1}"
                case "${path}" in
            \(words.joined(separator: "\n"))
                esac
            }
            """
        let valuesOnly = "__\(name)_\(usual)_values() {\n\(values)\n}\n"
        return script.replacing(help, with: helping).replacing(main, with: completed + "\n\n" + valuesOnly.dropLast())
    }

    // MARK: zsh

    private func zsh(_ script: String) -> String {
        let end = "    )\n    _arguments -w -s -S : \"${arg_specs[@]}\" && ret=0\n"
        guard let own = Self.function("_\(name)_\(usual)", in: script), let main = Self.function("_\(name)", in: script),
            let help = Self.function("_\(name)_help", in: script),
            let start = own.range(of: "    local -ar arg_specs=(\n"), let stop = own.range(of: end),
            let opening = own.range(of: "    local -i ret=1\n"), let mark = main.range(of: "        '(-): :->command'\n")
        else { return script }
        let known = ["'--version[", "'(-h --help)'"]
        let options = own[start.upperBound..<stop.lowerBound].split(separator: "\n").filter { line in
            !known.contains { line.drop { $0 == " " }.hasPrefix($0) }
        }
        let lists = own[opening.upperBound..<start.lowerBound]
        var completed = main
        completed.replaceSubrange(mark, with: options.map { $0 + "\n" }.joined() + main[mark])
        completed = completed.replacing("    local -ar arg_specs=(\n", with: lists + "    local -ar arg_specs=(\n")
        let first = families[0].children.joined(separator: " ")
        let helping = help.replacing("'*:subcommands:'", with: "'1:command:(\(first))'\n        '2:command:{_\(name)_help_children}'")
        let children = families.dropFirst().map { "    \($0.path.joined())) compadd -- \($0.children.joined(separator: " ")) ;;" }
        let helper = "_\(name)_help_children() {\n    case \"${words[2]}\" in\n\(children.joined(separator: "\n"))\n    esac\n}"
        return script.replacing(help, with: helping + "\n\n" + helper).replacing(main, with: completed)
    }

    // MARK: fish

    private func fish(_ script: String) -> String {
        var lines = script.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let parse = "__\(name)_parse_subcommand 0 "
        guard let place = lines.firstIndex(where: { $0.contains("case '\(usual)'") }), lines.indices.contains(place + 1),
            let options = lines[place + 1].range(of: parse).map({ lines[place + 1][$0.upperBound...] }),
            let own = lines[..<place].lastIndex(where: { $0.contains(parse) })
        else { return script }
        lines[own] = lines[own].prefix { $0 == " " } + parse + options
        let condition = "__\(name)_should_offer_completions_for_flags_or_options"
        let known = [" version' -l", " h help' -s"]
        let added = lines.filter { line in line.contains("\(condition) \"\(name) \(usual)\" ") && !known.contains { line.contains($0) } }
            .map { $0.replacing("\"\(name) \(usual)\"", with: "\"\(name)\"") }
        let positional = "__\(name)_should_offer_completions_for_positional \"\(name) help\""
        let help = families.map { family in
            let isBehind = family.path.first.map { " and contains -- \($0) (__\(name)_tokens -pc);" } ?? ""
            let test = family.path.isEmpty ? "\(positional) -eq 1" : "\(positional) -eq 2;\(isBehind.dropLast())"
            return "complete -c '\(name)' -n '\(test)' -fa '\(family.children.joined(separator: " "))'"
        }
        while lines.last?.isEmpty == true { lines.removeLast() }
        return (lines + added + help).joined(separator: "\n")
    }

    /// A function of a shell with its braces, from the beginning of a line to the brace that ends it.
    private static func function(_ name: String, in script: String) -> String? {
        guard let start = script.range(of: "\n\(name)() {\n"), let end = script[start.upperBound...].range(of: "\n}\n") else { return nil }
        return String(script[script.index(after: start.lowerBound)..<script.index(before: end.upperBound)])
    }
}

extension StringProtocol {
    /// The first place of a text.
    fileprivate func range(of text: String) -> Range<Index>? where SubSequence == Substring { self[...].firstRange(of: text) }
}
