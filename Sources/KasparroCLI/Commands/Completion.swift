import ArgumentParser
import MarketData

/// `kasparro completion SHELL`: what makes a shell complete the commands.
struct Completion: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the script that makes a shell complete commands, options, files and sources.",
        discussion: """
              kasparro completion bash > ~/.local/share/bash-completion/completions/kasparro
              kasparro completion zsh > ~/.zfunc/_kasparro
              kasparro completion fish > ~/.config/fish/completions/kasparro.fish
            """
    )

    enum Shell: String, ExpressibleByArgument, CaseIterable { case bash, zsh, fish }

    @Argument(help: ArgumentHelp("bash, zsh or fish.", valueName: "shell"))
    var shell: Shell

    @Flag(name: .long, help: "Print a JSON object.")
    var json = false

    func run() {
        let generated = Kasparro.completionScript(for: shell.generator)
        let script = CompletionScript(Kasparro.self).completed(generated, for: shell)
        guard json else { return print(script) }
        print(
            jsonText { writer in
                writer.member("shell", shell.rawValue)
                writer.member("script", script)
            }
        )
    }
}

extension Completion.Shell {
    fileprivate var generator: CompletionShell {
        switch self {
        case .bash: .bash
        case .zsh: .zsh
        case .fish: .fish
        }
    }
}
