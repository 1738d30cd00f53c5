/// All fields of a record at once: the hot path of loading a file, where each look at the reader's state and each reference counted would show.
extension CSVRecords {
    mutating func withFields(_ columns: [Int], _ body: (_ place: Int, _ text: Span<UInt8>) -> Void) {
        for place in columns.indices {
            let field = scanner.fields[columns[place]]
            if field.hasDoubledQuotes {
                let (bytes, range) = fieldText(columns[place])
                body(place, bytes.span.extracting(range))
            } else {
                body(place, input.buffer.span.extracting(input.begin + field.start..<input.begin + field.end))
            }
        }
    }

    mutating func appendObject(_ members: CSVMembers, to out: inout [UInt8]) {
        let isPlain = input.buffer.withUnsafeBufferPointer { bytes in
            JSONText.plainEnd(UnsafeBufferPointer(rebasing: bytes[input.begin..<input.begin + contentLength]), from: 0) == contentLength
        }
        if isPlain { appendPlainObject(members, to: &out) } else { appendEscapedObject(members, to: &out) }
    }

    /// Without a byte that would be escaped, the object's length is known before it is written.
    private func appendPlainObject(_ members: CSVMembers, to out: inout [UInt8]) {
        var length = 2 + members.keys.count
        for column in members.columns { length += 2 + scanner.fields[column].end - scanner.fields[column].start }
        out.append(addingCapacity: length) { object in
            object.withUnsafeMutableBufferPointer { target, count in
                var writer = LineWriter(target)
                writer.put("{")
                input.buffer.withUnsafeBufferPointer { text in
                    members.keys.withUnsafeBufferPointer { keys in
                        for place in members.columns.indices {
                            let field = scanner.fields[members.columns[place]]
                            writer.put(UnsafeBufferPointer(rebasing: keys[members.range(place)]))
                            writer.put(ASCII.quote)
                            writer.put(UnsafeBufferPointer(rebasing: text[input.begin + field.start..<input.begin + field.end]))
                            writer.put(ASCII.quote)
                        }
                    }
                }
                writer.put("}")
                count = writer.count
            }
        }
    }

    private mutating func appendEscapedObject(_ members: CSVMembers, to out: inout [UInt8]) {
        out.append("{")
        for place in members.columns.indices {
            out.append(contentsOf: members.keys[members.range(place)])
            let (bytes, range) = fieldText(members.columns[place])
            JSONText.appendEscaped(bytes.span.extracting(range), to: &out)
        }
        out.append("}")
    }
}
