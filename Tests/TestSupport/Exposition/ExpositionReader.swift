/// Reads a scrape line by line, and takes down each breach of the format.
struct ExpositionReader {
    private(set) var text = ExpositionText()
    private(set) var faults: [ExpositionFault] = []
    private var line = 0
    /// Families whose `# HELP` or `# TYPE` came.
    private var headed: [String: (help: Bool, type: Bool)] = [:]

    init(_ bytes: [UInt8]) {
        guard let whole = String(validating: bytes, as: UTF8.self) else {
            faults.append(ExpositionFault(line: 0, message: "the text is not UTF-8"))
            return
        }
        if !bytes.isEmpty, bytes.last != UInt8(ascii: "\n") { faults.append(ExpositionFault(line: 0, message: "the last line does not end")) }
        var lines = whole.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
        if lines.last == "" { lines.removeLast() }
        for text in lines {
            line += 1
            read(text)
        }
    }

    private mutating func note(_ message: String) { faults.append(ExpositionFault(line: line, message: message)) }

    private mutating func read(_ text: String) {
        if text.unicodeScalars.contains("\r") { note("a carriage return") }
        if text.isEmpty { return note("an empty line") }
        if text.hasPrefix("# HELP ") || text.hasPrefix("# TYPE ") { return readHeader(text) }
        if text.hasPrefix("#") { return note("a comment that is neither HELP nor TYPE: \(text)") }
        do throws(ExpositionFault) {
            try take(readSample(text))
        } catch {
            faults.append(error)
        }
    }

    private mutating func readHeader(_ text: String) {
        let parts = text.dropFirst(7).split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0])
        let rest = parts.count > 1 ? String(parts[1]) : ""
        var seen = headed[name] ?? (false, false)
        if text.hasPrefix("# HELP ") {
            if seen.help { note("a second HELP of \(name)") }
            if seen.type { note("HELP of \(name) behind its TYPE") }
            seen.help = true
            if rest.isEmpty { note("\(name) has an empty HELP") }
            if Self.hasBadEscape(rest, allowed: ["\\", "n"]) { note("an escape in the HELP of \(name) that means nothing") }
            begin(name)
            change { $0.help = rest }
        } else {
            if seen.type { note("a second TYPE of \(name)") }
            seen.type = true
            if !["counter", "gauge", "histogram"].contains(rest) { note("\(name) is of type \(rest)") }
            if !seen.help { note("\(name) has no HELP") }
            if last?.name != name { begin(name) }
            if !(last?.samples.isEmpty ?? true) { note("TYPE of \(name) behind its samples") }
            change { $0.type = rest }
        }
        headed[name] = seen
    }

    private var last: ExpositionText.Family? { text.families.last }

    private mutating func change(_ change: (inout ExpositionText.Family) -> Void) {
        if !text.families.isEmpty { change(&text.families[text.families.count - 1]) }
    }

    private mutating func begin(_ name: String) {
        if text.families.contains(where: { $0.name == name }) { note("\(name) comes in two places") }
        if let last = text.families.last, last.name.utf8.lexicographicallyPrecedes(name.utf8) == false { note("\(name) comes behind \(last.name)") }
        text.families.append(.init(name: name, line: line))
    }

    private mutating func take(_ sample: ExpositionText.Sample) {
        var names = [last?.name ?? ""]
        if last?.type == "histogram" { names = ["_bucket", "_sum", "_count"].map { names[0] + $0 } }
        if !names.contains(sample.name) {
            note("\(sample.name) does not belong to \(last?.name ?? "any family"), which it follows")
            return
        }
        if last?.type.isEmpty ?? true { note("\(sample.name) comes before its TYPE") }
        change { $0.samples.append(sample) }
    }

    // MARK: Samples

    private func fault(_ message: String) -> ExpositionFault { ExpositionFault(line: line, message: message) }

    private func readSample(_ text: String) throws(ExpositionFault) -> ExpositionText.Sample {
        var rest = Substring(text).unicodeScalars
        let name = String(Self.takeName(&rest, colon: true))
        if name.isEmpty { throw fault("no metric name: \(text)") }
        var labels: [ExpositionText.Label] = []
        var labelText = ""
        if rest.first == "{" {
            let start = rest.startIndex
            rest.removeFirst()
            labels = try readLabels(&rest)
            labelText = String(String.UnicodeScalarView(text.unicodeScalars[start..<rest.startIndex]))
        }
        guard rest.first == " " else { throw fault("no blank before the value: \(text)") }
        rest.removeFirst()
        let value = String(rest)
        guard !value.contains(" ") else { throw fault("something behind the value: \(text)") }
        guard let number = Self.number(value) else { throw fault("\(value) is no value") }
        return ExpositionText.Sample(line: line, name: name, labels: labels, labelText: labelText, value: number)
    }

    private func readLabels(_ rest: inout Substring.UnicodeScalarView) throws(ExpositionFault) -> [ExpositionText.Label] {
        var labels: [ExpositionText.Label] = []
        while true {
            let name = String(Self.takeName(&rest, colon: false))
            if name.isEmpty { throw fault("no label name") }
            if name.hasPrefix("__") { throw fault("the label \(name) is reserved") }
            guard rest.starts(with: "=\"".unicodeScalars) else { throw fault("no =\" behind the label \(name)") }
            rest.removeFirst(2)
            labels.append(.init(name: name, value: try readValue(&rest)))
            if rest.first == "}" {
                rest.removeFirst()
                break
            }
            guard rest.first == "," else { throw fault("neither , nor } behind the label \(name)") }
            rest.removeFirst()
        }
        // `le` is the one that comes last.
        let names = labels.map(\.name).filter { $0 != "le" }
        if Set(labels.map(\.name)).count < labels.count { throw fault("a label is given twice") }
        if names != names.sorted() { throw fault("the labels are not in order") }
        return labels
    }

    private func readValue(_ rest: inout Substring.UnicodeScalarView) throws(ExpositionFault) -> String {
        var value = String.UnicodeScalarView()
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\"": return String(value)
            case "\\":
                switch rest.popFirst() {
                case "\\": value.append("\\")
                case "\"": value.append("\"")
                case "n": value.append("\n")
                case let other: throw fault("\\\(other.map { String($0) } ?? "") is no escape")
                }
            default: value.append(scalar)
            }
        }
        throw fault("a label value without its closing quote")
    }

    private static func takeName(_ rest: inout Substring.UnicodeScalarView, colon: Bool) -> Substring.UnicodeScalarView {
        let name = rest.prefix {
            ("a"..."z").contains($0) || ("A"..."Z").contains($0) || $0 == "_" || ("0"..."9").contains($0) || (colon && $0 == ":")
        }
        if let first = name.first, ("0"..."9").contains(first) { return rest.prefix(0) }
        rest = rest[name.endIndex...]
        return name
    }

    /// What Go's ParseFloat reads, and nothing that only Swift does.
    private static func number(_ text: String) -> Double? {
        switch text {
        case "NaN": return .nan
        case "+Inf": return .infinity
        case "-Inf": return -.infinity
        default:
            guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) || [0x2B, 0x2D, 0x2E, 0x65].contains($0) }) else { return nil }
            return Double(text)
        }
    }

    private static func hasBadEscape(_ text: String, allowed: Set<Character>) -> Bool {
        var isEscaped = false
        for character in text {
            if isEscaped, !allowed.contains(character) { return true }
            isEscaped = !isEscaped && character == "\\"
        }
        return isEscaped
    }
}
