import TestSupport

/// What the binary carries for Prometheus and Grafana, as it lies in the sources.
enum MonitoringFiles {
    static let root = #filePath.split(separator: "/").dropLast(4).reduce("") { $0 + "/" + $1 } + "/"
    static let directory = root + "Sources/CAssets/files/monitoring/"

    static func text(_ path: String) -> String { String(decoding: Recordings.read(path), as: UTF8.self) }

    struct Rule {
        /// `record` or `alert`.
        var kind: Substring
        var name: String
        var expression: String
        /// The lines that belong to it.
        var lines: [Substring]
    }

    /// The rules, read by their indentation, which is the same for all: the key behind a dash, its members four characters further in.
    static let rules: [Rule] = {
        var rules: [Rule] = []
        for line in text(directory + "kasparro.rules.yml").split(separator: "\n") {
            let words = line.drop { $0 == " " }
            if words.hasPrefix("- record: ") || words.hasPrefix("- alert: ") {
                let parts = words.dropFirst(2).split(separator: ": ")
                rules.append(Rule(kind: parts[0], name: String(parts[1]), expression: "", lines: []))
            } else if !rules.isEmpty, !words.hasPrefix("#") {
                rules[rules.count - 1].lines.append(line)
            }
        }
        for index in rules.indices { rules[index].expression = expression(rules[index].lines) }
        return rules
    }()

    private static func expression(_ lines: [Substring]) -> String {
        guard let start = lines.firstIndex(where: { $0.hasPrefix("        expr: ") }) else { return "" }
        let first = lines[start].dropFirst("        expr: ".count)
        guard first == ">-" else { return String(first) }
        return lines[(start + 1)...].prefix { $0.hasPrefix("          ") }.joined(separator: "\n")
    }
}
