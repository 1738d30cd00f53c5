/// A file name with `*` for any characters, also none, and `?` for one.
package struct FileNamePattern: Sendable, Equatable {
    private let pattern: [Unicode.Scalar]

    package init(_ pattern: String) { self.pattern = Array(pattern.unicodeScalars) }

    /// Whether the whole name fits; letters in their own case.
    package func matches(_ name: String) -> Bool {
        let name = Array(name.unicodeScalars)
        var place = 0
        var index = 0
        // Where the last `*` was, and how far it reaches so far: only that one is ever tried longer, so the work is bounded by the product.
        var star: (place: Int, index: Int)?
        while index < name.count {
            if place < pattern.count, pattern[place] == "*" {
                star = (place, index)
                place += 1
            } else if place < pattern.count, pattern[place] == "?" || pattern[place] == name[index] {
                place += 1
                index += 1
            } else if let (starPlace, reach) = star {
                star = (starPlace, reach + 1)
                place = starPlace + 1
                index = reach + 1
            } else {
                return false
            }
        }
        return pattern[place...].allSatisfy { $0 == "*" }
    }
}
