/// The frames of a chunked body (RFC 9112 section 7.1).
struct ChunkedBody {
    private enum Place: Equatable {
        case size(Int, digits: Int)
        case extensions
        case sizeEnd
        case data(Int)
        case dataCR
        case dataLF
        /// A line of the trailer section, with its length so far.
        case trailer(Int)
        case trailerEnd(Int)
    }

    private let limits: ServerLimits
    private var place = Place.size(0, digits: 0)
    private var chunk = 0
    private var dataBytes = 0
    /// Everything that is not data.
    private var framingBytes = 0

    init(limits: ServerLimits) {
        self.limits = limits
    }

    /// See `RequestFraming.step`.
    mutating func step(_ bytes: UnsafeRawBufferPointer) -> RequestFraming.Step {
        var index = 0
        while index < bytes.count {
            if case .data(let remaining) = place {
                let length = min(remaining, bytes.count - index)
                index += length
                place = length == remaining ? .dataCR : .data(remaining - length)
                continue
            }
            let byte = bytes[index]
            index += 1
            framingBytes += 1
            // As much as a body of chunks of eight bytes has; smaller ones only cost time.
            if framingBytes > limits.headerBytes + limits.bodyBytes { return .refused(.bodyTooLarge) }
            if let violation = take(byte) { return .refused(violation) }
            if place == .trailerEnd(-1) { return .body(length: index, isLast: true) }
        }
        return .body(length: index, isLast: false)
    }

    private mutating func take(_ byte: UInt8) -> RequestViolation? {
        switch (place, byte) {
        case (.size(let size, let digits), _):
            return takeSize(byte, size, digits)
        case (.extensions, 0x0D):
            place = .sizeEnd
        case (.extensions, 0x09), (.extensions, 0x20...0x7E), (.extensions, 0x80...):
            break
        case (.sizeEnd, 0x0A):
            place = chunk == 0 ? .trailer(0) : .data(chunk)
        case (.dataCR, 0x0D):
            place = .dataLF
        case (.dataLF, 0x0A):
            place = .size(0, digits: 0)
        case (.trailer(let length), 0x0D):
            place = .trailerEnd(length)
        case (.trailer(let length), 0x09), (.trailer(let length), 0x20...0x7E), (.trailer(let length), 0x80...):
            place = .trailer(length + 1)
        case (.trailerEnd(let length), 0x0A):
            place = length == 0 ? .trailerEnd(-1) : .trailer(0)
        default:
            return .malformed("has a chunk that is not framed as one")
        }
        return nil
    }

    private mutating func takeSize(_ byte: UInt8, _ size: Int, _ digits: Int) -> RequestViolation? {
        let digit: UInt8
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
        case 0x0D where digits > 0, UInt8(ascii: ";") where digits > 0:
            chunk = size
            dataBytes += size
            if dataBytes > limits.bodyBytes { return .bodyTooLarge }
            place = byte == 0x0D ? .sizeEnd : .extensions
            return nil
        default:
            return .malformed("has a chunk size that is not a hexadecimal number")
        }
        guard digits < 8 else { return .bodyTooLarge }
        place = .size(size << 4 | Int(digit), digits: digits + 1)
        return nil
    }
}
