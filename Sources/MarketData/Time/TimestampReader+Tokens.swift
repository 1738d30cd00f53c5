/// The small steps that every form is read with. Each moves past what it takes, or stays where it was.
extension TimestampReader {
    /// How many digits the text starts with.
    func countDigits() -> Int {
        var end = 0
        while end < bytes.count, ASCII.isDigit(bytes[end]) { end += 1 }
        return end
    }

    /// A number with a count of digits in the given range and no digit behind it.
    mutating func number(digits: ClosedRange<Int>) -> Int? {
        var end = index
        var value = 0
        while end < bytes.count, end - index < digits.upperBound, ASCII.isDigit(bytes[end]) {
            value = value * 10 + Int(ASCII.digit(bytes[end]))
            end += 1
        }
        guard end - index >= digits.lowerBound else { return nil }
        if end < bytes.count, ASCII.isDigit(bytes[end]), digits.upperBound > digits.lowerBound { return nil }
        index = end
        return value
    }

    mutating func take(_ byte: UInt8) -> Bool {
        guard index < bytes.count, bytes[index] == byte else { return false }
        index += 1
        return true
    }

    /// Whether there was at least one space.
    mutating func takeSpaces() -> Bool {
        let start = index
        while index < bytes.count, bytes[index] == ASCII.space { index += 1 }
        return index > start
    }

    /// Takes letters up to something else; the range is empty when there are none.
    mutating func takeLetters() -> Range<Int> {
        let start = index
        while index < bytes.count, ASCII.isLetter(bytes[index]) { index += 1 }
        return start..<index
    }

    /// Takes `word`, in either case, when it is all that is left of the text.
    mutating func takeLastWord(_ word: StaticString) -> Bool {
        guard matches(index..<bytes.count, word) else { return false }
        index = bytes.count
        return true
    }

    /// Whether the text in `range` is `word`, in either case.
    func matches(_ range: Range<Int>, _ word: StaticString) -> Bool {
        guard range.count == word.utf8CodeUnitCount else { return false }
        for offset in 0..<range.count
        where ASCII.lowercased(bytes[range.lowerBound + offset]) != ASCII.lowercased(word.utf8Start[offset]) {
            return false
        }
        return true
    }
}
