/// The first few of many candidates, in memory that does not grow with the many.
///
/// Candidates are collected up to four times the limit, then those that cannot be among the first are dropped. Finding them takes linear time
/// (Hoare's selection), so a candidate costs the same however many there are and in whatever order they come.
struct NumberSelection {
    private let limit: Int
    /// Candidates whose order among equal digits is not known, all of which are kept: of these the memory is not bounded by the limit.
    private let keepsEqualDigits: Bool
    private(set) var kept: [NumberCandidate] = []
    /// No candidate of more digits can be among the first.
    private(set) var lastDigits = UInt64.max
    private var last: NumberCandidate?
    private var room: Int

    init(limit: Int, keepsEqualDigits: Bool) {
        self.limit = limit
        self.keepsEqualDigits = keepsEqualDigits
        room = 4 * limit
    }

    @inline(__always)
    mutating func add(_ candidate: NumberCandidate) {
        if let last, keepsEqualDigits ? candidate.digits > lastDigits : last < candidate { return }
        kept.append(candidate)
        if kept.count >= room { shrink() }
    }

    /// Drops what cannot be among the first.
    mutating func shrink() {
        guard kept.count > limit else { return }
        kept.withUnsafeMutableBufferPointer { Self.select(limit - 1, in: $0) }
        let last = kept[limit - 1]
        var end = limit
        if keepsEqualDigits {
            for index in limit..<kept.count where kept[index].digits == last.digits {
                kept.swapAt(index, end)
                end += 1
            }
        }
        kept.removeSubrange(end...)
        self.last = last
        lastDigits = last.digits
        room = max(4 * limit, 2 * kept.count)
    }

    /// Puts the candidate that is at `place` in their order there, those before it before and those behind it behind.
    private static func select(_ place: Int, in candidates: UnsafeMutableBufferPointer<NumberCandidate>) {
        var low = 0
        var high = candidates.count - 1
        while low < high {
            let pivot = median(candidates[low], candidates[(low + high) / 2], candidates[high])
            var left = low
            var right = high
            while left <= right {
                while candidates[left] < pivot { left += 1 }
                while pivot < candidates[right] { right -= 1 }
                if left <= right {
                    candidates.swapAt(left, right)
                    left += 1
                    right -= 1
                }
            }
            if place <= right { high = right } else if place >= left { low = left } else { return }
        }
    }

    private static func median(_ a: NumberCandidate, _ b: NumberCandidate, _ c: NumberCandidate) -> NumberCandidate {
        let (low, high) = a < b ? (a, b) : (b, a)
        return c < low ? low : high < c ? high : c
    }
}
