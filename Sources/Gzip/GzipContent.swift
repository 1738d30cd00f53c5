/// What was compressed before it was put into the binary.
package enum GzipContent {
    /// The file as it was before it was compressed, with one member; nil when these bytes are no gzip. Takes some milliseconds.
    package static func inflated(_ compressed: [UInt8]) -> [UInt8]? {
        guard let inflater = GzipInflater() else { return nil }
        // The last four bytes say how long the content is (RFC 1952 section 2.3.1).
        let length = compressed.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        var content = [UInt8](repeating: 0, count: length)
        let step = compressed.withUnsafeBytes { input in content.withUnsafeMutableBytes { inflater.inflate(input, into: $0) } }
        return inflater.isComplete && step.made == length ? content : nil
    }
}
