/// Why a line of an import is no row.
package struct ImportProblem: Error, Sendable, Equatable, CustomStringConvertible {
    /// For people, without a place and without a full stop.
    package let description: String

    init(_ description: String) { self.description = description }

    /// The machine-readable reasons of quarantined records, in words.
    init(reasons: [String]) {
        self.init("no row: \(reasons.joined(separator: ", "))")
    }
}
