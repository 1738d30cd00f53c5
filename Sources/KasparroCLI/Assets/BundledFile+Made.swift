import ArgumentParser
import CAssets
import Gzip
import HTTPAPI
import Ingest

// Files that are made when they are asked for.

extension BundledFile {
    static var completions: [BundledFile] {
        [
            completion("bash", "share/bash-completion/completions/kasparro", .bash),
            completion("zsh", "share/zsh/site-functions/_kasparro", .zsh),
            completion("fish", "share/fish/vendor_completions.d/kasparro.fish", .fish),
        ]
    }

    private static func completion(_ name: String, _ place: String, _ shell: CompletionShell) -> BundledFile {
        BundledFile("completion-\(name)", place, "completion for \(name)") { Array((Kasparro.completionScript(for: shell) + "\n").utf8) }
    }

    /// None where the texts could not be collected before the build.
    static var licenses: [BundledFile] {
        let file = embedded_licenses_txt_gz()
        guard file.length > 0 else { return [] }
        let compressed = BundledFile("", "", "", file)
        return [
            BundledFile("licenses", "share/doc/kasparro/licenses.txt", "what this program is made of, with versions and licences") {
                GzipContent.inflated(compressed.content()) ?? []
            }
        ]
    }

    /// A configuration file that changes nothing, and shows what could be changed: the built-in one, with all between the outermost braces as
    /// comments.
    @Sendable static func commentedConfiguration() -> [UInt8] {
        var depth = 0
        let lines = BuiltInSources.text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let content = line.drop { $0 == " " }
            guard !content.isEmpty, !content.hasPrefix("//") else { return String(line) }
            let before = depth
            depth += content.count { $0 == "{" } - content.count { $0 == "}" }
            guard min(before, depth) > 0 else { return String(line) }
            return line.prefix(line.count - content.count) + "// " + content
        }
        return Array(lines.joined(separator: "\n").utf8)
    }
}
