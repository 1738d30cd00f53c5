/// A PromQL expression as far as the rules about dashboards and alerts need it: its selectors, each with what is around it.
///
/// Grammar: https://prometheus.io/docs/prometheus/latest/querying/basics/ and …/operators/. Priorities of operators do not matter here, so operands and
/// operators are read in a row. Prometheus itself reads every expression in `Tests/Monitoring/monitoring-test.sh`.
struct PromQL {
    struct Matcher: Equatable {
        var label: String
        var comparison: String
        var value: String
    }

    /// A function or an aggregation around a selector; an aggregation has the labels of its `by`, nil where there is none.
    struct Call: Equatable {
        var name: String
        var by: [String]?
    }

    struct Selector {
        var name: String
        var matchers: [Matcher]
        /// The text between the brackets behind it.
        var range: String?
        /// From the outermost to the nearest.
        var calls: [Call]
    }

    struct SyntaxError: Error, CustomStringConvertible {
        var description: String
    }

    private(set) var selectors: [Selector] = []

    private var rest: Substring
    private var calls: [Call] = []

    static let aggregations: Set = [
        "sum", "min", "max", "avg", "count", "group", "stddev", "stdvar", "topk", "bottomk", "quantile", "count_values",
    ]
    static let functions: Set = [
        "abs", "absent", "absent_over_time", "avg_over_time", "ceil", "changes", "clamp", "clamp_max", "clamp_min", "count_over_time",
        "day_of_month", "day_of_week", "days_in_month", "delta", "deriv", "exp", "floor", "histogram_quantile", "hour", "idelta", "increase", "irate",
        "label_join", "label_replace", "last_over_time", "ln", "log10", "log2", "max_over_time", "min_over_time", "minute", "month", "predict_linear",
        "present_over_time", "quantile_over_time", "rate", "resets", "round", "scalar", "sgn", "sort", "sort_desc", "sqrt", "stddev_over_time",
        "sum_over_time", "time", "timestamp", "vector", "year",
    ]
    private static let operators = ["==", "!=", ">=", "<=", "+", "-", "*", "/", "%", "^", ">", "<"]
    private static let wordOperators = ["and", "or", "unless"]

    init(_ text: String) throws {
        rest = Substring(text)
        try readExpression()
        skipBlanks()
        guard rest.isEmpty else { throw SyntaxError(description: "nothing fits before: \(rest)") }
    }

    private mutating func readExpression() throws {
        try readOperand()
        while takeOperator() {
            for word in ["bool"] { _ = takeWord(word) }
            if takeWord("on") || takeWord("ignoring") {
                _ = try readLabels()
                if takeWord("group_left") || takeWord("group_right") { if peek() == "(" { _ = try readLabels() } }
            }
            try readOperand()
        }
    }

    private mutating func readOperand() throws {
        skipBlanks()
        if take("-") || take("+") { return try readOperand() }
        guard let first = rest.first else { throw SyntaxError(description: "it ends where a value is expected") }
        if take("(") {
            try readExpression()
            try expect(")")
        } else if first.isNumber {
            rest = rest.drop { $0.isNumber || $0 == "." || $0 == "e" }
        } else if first == "\"" || first == "'" {
            _ = try readString()
        } else if first == "{" {
            try readSelector("")
        } else {
            try readNamed()
        }
    }

    private mutating func readNamed() throws {
        let name = takeName()
        guard !name.isEmpty else { throw SyntaxError(description: "no value begins like this: \(rest)") }
        if Self.aggregations.contains(name) {
            var by = try readGrouping()
            // The grouping may stand behind the arguments; the selectors inside must know it, so it is looked up there.
            let start = selectors.count
            calls.append(Call(name: name, by: by))
            try readArguments()
            if by == nil { by = try readGrouping() }
            for index in start..<selectors.count { selectors[index].calls[calls.count - 1].by = by }
            calls.removeLast()
        } else if peek() == "(" {
            guard Self.functions.contains(name) else { throw SyntaxError(description: "\(name) is no function") }
            calls.append(Call(name: name, by: nil))
            try readArguments()
            calls.removeLast()
        } else {
            guard !Self.functions.contains(name), !Self.wordOperators.contains(name) else {
                throw SyntaxError(description: "\(name) stands where a value is expected")
            }
            try readSelector(name)
        }
    }

    private mutating func readGrouping() throws -> [String]? {
        if takeWord("by") { return try readLabels() }
        if takeWord("without") { _ = try readLabels() }
        return nil
    }

    private mutating func readArguments() throws {
        try expect("(")
        if take(")") { return }
        repeat { try readExpression() } while take(",")
        try expect(")")
    }

    private mutating func readLabels() throws -> [String] {
        try expect("(")
        var labels: [String] = []
        while !take(")") {
            let label = takeName()
            guard !label.isEmpty else { throw SyntaxError(description: "a label is expected: \(rest)") }
            labels.append(label)
            _ = take(",")
        }
        return labels
    }

    private mutating func readSelector(_ name: String) throws {
        var selector = Selector(name: name, matchers: [], range: nil, calls: calls)
        if take("{") {
            while !take("}") {
                let label = takeName()
                guard !label.isEmpty, let comparison = ["=~", "!~", "!=", "="].first(where: { take($0) }) else {
                    throw SyntaxError(description: "a matcher is expected: \(rest)")
                }
                selector.matchers.append(Matcher(label: label, comparison: comparison, value: try readString()))
                _ = take(",")
            }
        }
        if take("[") {
            guard let end = rest.firstIndex(of: "]") else { throw SyntaxError(description: "a bracket is not closed") }
            selector.range = String(rest[..<end])
            rest = rest[rest.index(after: end)...]
        }
        if takeWord("offset") { rest = rest.drop { $0 == " " }.drop { $0.isLetter || $0.isNumber } }
        selectors.append(selector)
    }

    private mutating func readString() throws -> String {
        skipBlanks()
        guard let quote = rest.first, quote == "\"" || quote == "'" else { throw SyntaxError(description: "a string is expected: \(rest)") }
        rest.removeFirst()
        guard let end = rest.firstIndex(of: quote) else { throw SyntaxError(description: "a string is not closed") }
        defer { rest = rest[rest.index(after: end)...] }
        return String(rest[..<end])
    }

    // MARK: Words

    private mutating func skipBlanks() { rest = rest.drop { $0 == " " || $0 == "\n" } }

    private mutating func peek() -> Character? {
        skipBlanks()
        return rest.first
    }

    private mutating func take(_ text: String) -> Bool {
        skipBlanks()
        guard rest.hasPrefix(text) else { return false }
        rest = rest.dropFirst(text.count)
        return true
    }

    private mutating func takeWord(_ word: String) -> Bool {
        skipBlanks()
        guard rest.hasPrefix(word), rest.dropFirst(word.count).first.map({ !Self.isPartOfName($0) }) ?? true else { return false }
        rest = rest.dropFirst(word.count)
        return true
    }

    private mutating func takeName() -> String {
        skipBlanks()
        let name = rest.prefix(while: Self.isPartOfName)
        rest = rest[name.endIndex...]
        return String(name)
    }

    private mutating func takeOperator() -> Bool { Self.operators.contains { take($0) } || Self.wordOperators.contains { takeWord($0) } }

    private mutating func expect(_ text: String) throws {
        guard take(text) else { throw SyntaxError(description: "\(text) is expected: \(rest)") }
    }

    private static func isPartOfName(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || character == "_" || character == ":")
    }
}
