import HTTPTypes
import MarketData

/// The query of one request: decoded strictly, every name known, no value empty.
///
/// A misspelt filter that is silently ignored gives an answer to another question, so it is an error here.
struct QueryParameters: Sendable {
    private let pairs: [(name: String, value: String)]

    /// - Parameters:
    ///   - query: the text after `?`.
    ///   - known: the names the endpoint takes; nil takes anything and reads nothing.
    init(_ query: String?, known: [String]?) throws(Problem) {
        guard let known, let query else {
            pairs = []
            return
        }
        var pairs: [(name: String, value: String)] = []
        for part in query.split(separator: "&", omittingEmptySubsequences: true) {
            let name: Substring
            let value: Substring
            if let equals = part.firstIndex(of: "=") {
                name = part[..<equals]
                value = part[part.index(after: equals)...]
            } else {
                name = part
                value = ""
            }
            let decodedName = (try? PercentEncoding.decode(name)) ?? String(name)
            guard known.contains(decodedName) else { throw Self.unknown(decodedName, known: known) }
            let decodedValue: String
            do throws(PercentEncoding.Failure) {
                decodedValue = try PercentEncoding.decode(value)
            } catch {
                throw .invalidParameter(decodedName, "`\(decodedName)` \(error.inWords)")
            }
            guard !decodedValue.isEmpty else {
                throw .invalidParameter(decodedName, "`\(decodedName)` is empty. Give it a value or leave it out.")
            }
            pairs.append((decodedName, decodedValue))
        }
        self.pairs = pairs
    }

    /// Whether the parameter was given.
    func has(_ name: String) -> Bool { pairs.contains { $0.name == name } }

    /// The value of a parameter that may be given once.
    func single(_ name: String) throws(Problem) -> String? {
        let values = pairs.filter { $0.name == name }
        if values.count > 1 {
            throw .invalidParameter(name, "`\(name)` is given \(values.count) times. Give it once.")
        }
        return values.first?.value
    }

    /// The elements of a comma list (`CommaList`), which may also be given several times. Blank elements are left out.
    func list(_ name: String) throws(Problem) -> [String]? {
        guard has(name) else { return nil }
        var elements: [String] = []
        for pair in pairs where pair.name == name {
            elements += CommaList.elements(of: pair.value)
        }
        if elements.isEmpty { throw .invalidParameter(name, "`\(name)` holds no value. Give one or leave it out.") }
        return elements
    }

    /// A whole number within `range`.
    func integer(_ name: String, in range: ClosedRange<Int>) throws(Problem) -> Int? {
        guard let text = try single(name) else { return nil }
        // `Int` would also take `+5`.
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let value = Int(text),
            range.contains(value)
        else {
            throw .invalidParameter(
                name,
                "`\(name)` must be a whole number from \(range.lowerBound) to \(range.upperBound), not `\(text)`."
            )
        }
        return value
    }

    /// One of a few words.
    func choice(_ name: String, of words: [String]) throws(Problem) -> String? {
        guard let text = try single(name) else { return nil }
        if words.contains(text) { return text }
        let list = words.map { "`\($0)`" }.joined(separator: ", ")
        throw .invalidParameter(
            name,
            "`\(name)` must be one of \(list), not `\(text)`." + Suggestion.text(for: text, among: words)
        )
    }

    private static func unknown(_ name: String, known: [String]) -> Problem {
        let list = known.isEmpty ? "This route takes none." : "Known here: \(known.joined(separator: ", "))."
        let nearest = NearestName.of(name, among: known).map { ", did you mean `\($0)`?" } ?? "."
        return Problem(
            .badRequest,
            code: "unknown_parameter",
            detail: "unknown parameter `\(name)`\(nearest) \(list)",
            parameter: name
        )
    }
}
