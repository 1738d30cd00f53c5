import Foundation

/// A manual page, taken apart as far as the tests need it.
struct ManualPage {
    /// The page without escapes and fonts.
    let text: String
    /// The tags of the tagged paragraphs below each heading, in plain words.
    let tags: [String: [String]]

    static let kasparro = ManualPage("man/kasparro.1")

    /// The top level of the sources.
    static let root = #filePath.split(separator: "/").dropLast(4).reduce("") { $0 + "/" + $1 }

    /// - Parameter path: below the top level.
    init(_ path: String) {
        let lines =
            (try? String(contentsOfFile: Self.root + "/" + path, encoding: .utf8))?.split(separator: "\n").map { Self.plain(String($0)) } ?? []
        var tags: [String: [String]] = [:]
        var heading = ""
        for (line, before) in zip(lines, [""] + lines) {
            if line.hasPrefix(".SH ") { heading = String(line.dropFirst(4)).replacing("\"", with: "") }
            if before == ".TP" { tags[heading, default: []].append(Self.words(line)) }
        }
        self.tags = tags
        text = lines.joined(separator: "\n")
    }

    /// What `pattern` finds in the page, each once.
    func matches(of pattern: Regex<Substring>) -> Set<String> { Set(text.matches(of: pattern).map { String($0.output) }) }

    private static func plain(_ line: String) -> String {
        line.replacing("\\-", with: "-").replacing("\\(aq", with: "'").replacing("\\(dq", with: "\"").replacing("\\&", with: "")
            .replacing(/\\f[BIRP]/, with: "")
    }

    /// A line with a font macro as it reads: the macros with two fonts join their arguments, those with one put blanks between them.
    private static func words(_ line: String) -> String {
        guard line.hasPrefix("."), let blank = line.firstIndex(of: " ") else { return line }
        let joins = line[..<blank].count == 3
        var arguments: [String] = []
        var argument: String?
        var isQuoted = false
        for character in line[line.index(after: blank)...] {
            switch character {
            case "\"":
                isQuoted.toggle()
                argument = argument ?? ""
            case " " where !isQuoted:
                if let argument { arguments.append(argument) }
                argument = nil
            default: argument = (argument ?? "") + String(character)
            }
        }
        if let argument { arguments.append(argument) }
        return arguments.joined(separator: joins ? "" : " ")
    }
}
