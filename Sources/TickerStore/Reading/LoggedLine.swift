/// A row's line where a log file should have it.
///
/// Memory says where the line is, and nobody has looked at the bytes since. A file that somebody cut under the process reads as zeros up to where
/// the next record was written behind the hole, and that begins and ends between lines: so a line is what was written when its first byte is, and
/// its last. What a failing disk makes of the middle of one is found by the checksums, when the log is sealed.
enum LoggedLine {
    /// - Parameter line: Without its newline.
    @inline(__always)
    static func isWhole(_ line: UnsafeRawBufferPointer) -> Bool {
        line.count >= 2 && line[0] == UInt8(ascii: "{") && line[line.count - 1] == UInt8(ascii: "}")
    }

    static func damage(_ path: String, _ offset: Int) -> StoreError {
        .corrupt(path, offset: offset, "a row cannot be read back: something else has written to the file, or cut it. \(LogRecovery.advice)")
    }
}
