/// A declared regular expression that finds a value in a text: the first group of the first match, or the whole match where it has no group.
package struct TextPattern {
    /// Longer texts, in bytes, are not searched: no value is that far inside one, and a search may take long.
    package static let longestText = 4 << 10

    private let regex: Regex<AnyRegexOutput>

    /// - Throws: What is wrong with the expression, as a text for people.
    package init(_ pattern: String) throws(Unreadable) {
        do {
            // By scalar: what a pattern finds must not depend on how Unicode joins characters.
            regex = try Regex(pattern).matchingSemantics(.unicodeScalar)
        } catch {
            throw Unreadable(pattern: pattern, reason: "\(error)")
        }
    }

    /// A pattern that is no regular expression.
    package struct Unreadable: Error, Equatable, CustomStringConvertible {
        package var pattern: String
        package var reason: String

        package var description: String { "`\(pattern)` is not a regular expression: \(reason)" }
    }

    /// The value; nil without a match, where the group took no part in it, and in texts that are too long.
    package func value(in text: String) -> String? {
        guard text.utf8.count <= Self.longestText, let match = try? regex.firstMatch(in: text) else { return nil }
        return match.output[match.output.count > 1 ? 1 : 0].substring.map(String.init)
    }
}

/// A pattern over one field of record after record. Most records of a file say the same as the one before, as its symbol does, and a search
/// costs more than all else that is done with a record; so the last answer is kept.
final class FieldPattern {
    private let pattern: TextPattern
    private var text: [UInt8]?
    private var value: [UInt8]?

    init(_ pattern: TextPattern) { self.pattern = pattern }

    func value(in text: Span<UInt8>) -> [UInt8]? {
        guard text.count <= TextPattern.longestText else { return nil }
        return text.withUnsafeBufferPointer { bytes in
            if let known = self.text, known.count == bytes.count, known.elementsEqual(bytes) { return value }
            value = pattern.value(in: String(decoding: bytes, as: UTF8.self)).map { Array($0.utf8) }
            self.text = Array(bytes)
            return value
        }
    }
}
