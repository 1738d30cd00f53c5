/// "Did you mean …?" for names that people type.
public enum NearestName {
    /// Names longer than this are not misspelt words.
    private static let maximumLength = 64

    /// The candidate that a misspelt name most likely stands for, or nil when none is near.
    ///
    /// Distance is the number of letters inserted, dropped, changed or swapped with their neighbour (optimal string
    /// alignment), case ignored. A third of the name's letters may be wrong, and one always; the first of equally near
    /// candidates wins.
    public static func of(_ name: String, among candidates: [String]) -> String? {
        let letters = Array(name.lowercased().unicodeScalars)
        guard (1...maximumLength).contains(letters.count) else { return nil }
        let limit = max(1, letters.count / 3)
        var nearest: (name: String, distance: Int)?
        for candidate in candidates {
            let other = Array(candidate.lowercased().unicodeScalars)
            guard abs(other.count - letters.count) <= limit else { continue }
            let distance = distance(letters, other)
            // With every letter wrong nothing is left to recognise.
            guard distance <= limit, distance < max(letters.count, other.count) else { continue }
            if nearest.map({ distance < $0.distance }) ?? true { nearest = (candidate, distance) }
        }
        return nearest?.name
    }

    /// The optimal string alignment distance, by three rows of the usual table.
    static func distance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
        var twoBack: [Int] = []
        var oneBack = Array(0...b.count)
        for row in 0..<a.count {
            var current = [row + 1]
            for column in 0..<b.count {
                let change = a[row] == b[column] ? 0 : 1
                var least = min(oneBack[column + 1] + 1, current[column] + 1, oneBack[column] + change)
                if row > 0, column > 0, a[row] == b[column - 1], a[row - 1] == b[column] {
                    least = min(least, twoBack[column - 1] + 1)
                }
                current.append(least)
            }
            twoBack = oneBack
            oneBack = current
        }
        return oneBack[b.count]
    }
}
