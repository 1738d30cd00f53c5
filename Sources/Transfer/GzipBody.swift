import Gzip

/// Inflates the body of an answer as its pieces come.
///
/// libcurl can inflate too, but takes a stream that ends early for a whole one, and cannot say how many bytes on the wire made how many
/// inflated ones while it works.
final class GzipBody {
    enum Outcome {
        case ok
        /// The bytes are not gzip, or their checksum is wrong.
        case damaged
        /// The taker wanted no more.
        case stopped
    }

    private let inflater: GzipInflater
    private var buffer = [UInt8](repeating: 0, count: 64 * 1024)

    /// Nil when there is no memory.
    init?() {
        guard let inflater = GzipInflater() else { return nil }
        self.inflater = inflater
    }

    /// Whether what came so far is a whole number of gzip members, and at least one.
    var isComplete: Bool { inflater.isComplete }

    /// Inflates the next piece and hands on what it makes, at most 64 KiB at a time; `take` returns false to stop.
    func inflate(_ bytes: UnsafeRawBufferPointer, take: (UnsafeRawBufferPointer) -> Bool) -> Outcome {
        var rest = bytes
        var mayHideMore = true
        // A full buffer may hide more output.
        while !rest.isEmpty || mayHideMore {
            let (step, isWanted) = buffer.withUnsafeMutableBytes { output in
                let step = inflater.inflate(rest, into: output)
                return (step, step.made == 0 || take(UnsafeRawBufferPointer(rebasing: output[..<step.made])))
            }
            guard isWanted else { return .stopped }
            if step.damage != nil { return .damaged }
            rest = UnsafeRawBufferPointer(rebasing: rest[step.taken...])
            mayHideMore = step.made == buffer.count
        }
        return .ok
    }
}
