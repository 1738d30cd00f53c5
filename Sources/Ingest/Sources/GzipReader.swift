import Gzip

/// Reads the content of a gzip file of any number of members, a piece at a time.
final class GzipReader {
    struct Failure: Error {
        var reason: String
        /// The input ended inside a member; what came before it is good.
        var isCut = false
    }

    private let inflater: GzipInflater
    private var input = [UInt8](repeating: 0, count: 64 << 10)
    private var inputStart = 0
    private var inputEnd = 0
    private var hasBegun = false
    private let read: (UnsafeMutableRawBufferPointer) throws -> Int

    /// - Parameter read: fills the buffer with compressed bytes; 0 at the end.
    init(read: @escaping (UnsafeMutableRawBufferPointer) throws -> Int) {
        self.read = read
        guard let inflater = GzipInflater() else { preconditionFailure("zlib cannot start: is memory short?") }
        self.inflater = inflater
    }

    /// Fills `buffer` with inflated bytes; 0 at the end.
    func inflate(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        guard !buffer.isEmpty else { return 0 }
        while true {
            if inputStart == inputEnd {
                inputEnd = try input.withUnsafeMutableBytes { try read($0) }
                inputStart = 0
                if inputEnd == 0 {
                    guard !hasBegun || inflater.isComplete else { throw Failure(reason: "the gzip file is cut", isCut: true) }
                    return 0
                }
            }
            if inflater.isComplete {
                // Tapes and archives pad with zeros, which are no member.
                while inputStart < inputEnd, input[inputStart] == 0 { inputStart += 1 }
                if inputStart == inputEnd { continue }
            }
            hasBegun = true
            let step = input.withUnsafeBytes { inflater.inflate(UnsafeRawBufferPointer(rebasing: $0[inputStart..<inputEnd]), into: buffer) }
            inputStart += step.taken
            if let damage = step.damage { throw Failure(reason: "the gzip data are damaged" + (damage.isEmpty ? "" : ": \(damage)")) }
            if step.made > 0 { return step.made }
        }
    }
}
