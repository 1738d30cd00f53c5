/// What the command line asks for.
struct Settings {
    static let usage = """
        usage: store-benchmark DIRECTORY [--rows N] [--series N] [--commit-rows N] [--only commits,latency,memory,start,pages,orders,walk,size] [--json]
        DIRECTORY should be on a real disk; the large store in it is used again when it was made with the same numbers.
        """

    let directory: String
    /// Rows of the large store.
    private(set) var rows = 10_000_000
    /// Series of the large store.
    private(set) var series = 3_000
    /// Rows of the comparison with sqlite3.
    private(set) var commitRows = 1_000_000
    private(set) var isJSON = false
    /// Names of groups of figures; empty: all.
    private var only: [Substring] = []

    init(_ arguments: [String]) throws {
        var names: [String] = []
        var position = 0
        func next() throws -> String {
            position += 1
            guard position < arguments.count else { throw Problem(Self.usage) }
            return arguments[position]
        }
        func number() throws -> Int {
            guard let number = Int(try next()), number > 0 else { throw Problem(Self.usage) }
            return number
        }
        while position < arguments.count {
            switch arguments[position] {
            case "--rows": rows = try number()
            case "--series": series = try number()
            case "--commit-rows": commitRows = try number()
            case "--only": only = try next().split(separator: ",")
            case "--json": isJSON = true
            case let name where !name.hasPrefix("-"): names.append(name)
            default: throw Problem(Self.usage)
            }
            position += 1
        }
        guard names.count == 1 else { throw Problem(Self.usage) }
        directory = names[0]
    }

    func wants(_ group: String) -> Bool { only.isEmpty || only.contains { $0 == group } }
}

/// Why the benchmark cannot go on.
struct Problem: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
