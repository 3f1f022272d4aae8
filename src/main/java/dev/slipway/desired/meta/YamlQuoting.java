package dev.slipway.desired.meta;

import com.fasterxml.jackson.dataformat.yaml.util.StringQuotingChecker;
import org.yaml.snakeyaml.nodes.NodeId;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.resolver.Resolver;

/// Quotes every text that a reader of YAML would take for something else: `8080`, `1.10`, `yes`, `0x1F`.
final class YamlQuoting extends StringQuotingChecker {
    private static final long serialVersionUID = 1L;

    private final transient Resolver resolver = new Resolver();

    @Override
    public boolean needToQuoteName(String name) {
        return isReservedKeyword(name) || looksLikeSomethingElse(name) || name.isEmpty();
    }

    @Override
    public boolean needToQuoteValue(String value) {
        return isReservedKeyword(value) || valueHasQuotableChar(value) || looksLikeSomethingElse(value);
    }

    private boolean looksLikeSomethingElse(String text) {
        return !resolver.resolve(NodeId.scalar, text, true).equals(Tag.STR);
    }
}
