package dev.slipway.desired.model;

import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// On a record: its JSON also has fields of another class, side by side with its own, under the same names.
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@Repeatable(Inlines.List.class)
public @interface Inlines {
    /// The class whose fields are there too.
    Class<?> value();

    /// Which of them; empty means all.
    String[] only() default {};

    /// Which of them are not.
    String[] without() default {};

    /// Several classes.
    @Retention(RetentionPolicy.RUNTIME)
    @Target(ElementType.TYPE)
    @interface List {
        Inlines[] value();
    }
}
