/// The lines of a block, decompressed. A long line that fills several blocks is one of these.
final class DecodedBlock: Sendable {
    /// The lines, each ended by a newline.
    let bytes: [UInt8]
    /// Where each line begins in `bytes`, and the end of the last one.
    let starts: [UInt32]

    /// nil unless `bytes` is exactly so many lines.
    init?(_ bytes: [UInt8], lines: Int) {
        guard lines > 0, bytes.last == 0x0A, bytes.count < Int(UInt32.max) else { return nil }
        var starts: [UInt32] = []
        starts.reserveCapacity(lines + 1)
        starts.append(0)
        bytes.withUnsafeBytes { buffer in
            var position = 0
            while let newline = firstNewline(in: buffer, from: position), starts.count <= lines {
                position = newline + 1
                starts.append(UInt32(position))
            }
        }
        guard starts.count == lines + 1, Int(starts[lines]) == bytes.count else { return nil }
        self.bytes = bytes
        self.starts = starts
    }

    /// Bytes of memory, about.
    var cost: Int { bytes.count + 4 * starts.count + 128 }

    /// A line without its newline, by its number in the block.
    func withLine(_ number: Int, _ body: (UnsafeRawBufferPointer) -> Void) {
        let range = Int(starts[number])..<Int(starts[number + 1]) - 1
        bytes.withUnsafeBytes { body($0.slice(range)) }
    }
}
