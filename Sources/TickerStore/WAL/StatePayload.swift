/// STATE: what a batch changes in the store's small key-value state: u32 count, then per change u16 key length,
/// u8 operation (0 put, 1 remove), u8 0, u32 value length, key, value.
enum StatePayload {
    static func encode(_ changes: [StateChange], into out: inout [UInt8]) {
        out.append(littleEndian: UInt32(changes.count))
        for change in changes {
            let key = Array(change.key.utf8)
            out.append(littleEndian: UInt16(key.count))
            out.append(littleEndian: change.value == nil ? UInt16(1) : UInt16(0))
            out.append(littleEndian: UInt32(change.value?.count ?? 0))
            out.append(contentsOf: key)
            if let value = change.value { out.append(contentsOf: value) }
        }
    }

    static func decode(_ bytes: UnsafeRawBufferPointer) throws(MalformedPayload) -> [StateChange] {
        guard bytes.count >= 4 else { throw MalformedPayload("STATE payload is cut") }
        var offset = 4
        var result: [StateChange] = []
        for _ in 0..<bytes.integer(UInt32.self, at: 0) {
            guard offset + 8 <= bytes.count else { throw MalformedPayload("STATE payload is cut") }
            let keyEnd = offset + 8 + Int(bytes.integer(UInt16.self, at: offset))
            let isRemoval = bytes[offset + 2] == 1
            let valueEnd = keyEnd + Int(bytes.integer(UInt32.self, at: offset + 4))
            guard valueEnd <= bytes.count else { throw MalformedPayload("STATE payload is cut") }
            let key = String(decoding: bytes[offset + 8..<keyEnd], as: UTF8.self)
            result.append(StateChange(key: key, value: isRemoval ? nil : [UInt8](bytes[keyEnd..<valueEnd])))
            offset = valueEnd
        }
        guard offset == bytes.count else { throw MalformedPayload("STATE payload lengths do not add up") }
        return result
    }
}
